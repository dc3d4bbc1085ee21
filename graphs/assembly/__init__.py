"""How the tables of a store become the nodes and edges of the patient graph."""
