def viewer(*a): return []
