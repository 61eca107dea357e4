"""How fast Parley is beside llama.cpp's own server; see docs/bench.md."""
