"""Public indices beside a store: what others hold, and how to fetch it."""
