"""The page for people who do not program: a store in the browser, without a notebook."""
