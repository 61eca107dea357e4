"""Tools: how models are told of them, how they call them, and how their calls are read.

What a model may call comes as `{"functions": [{"name", "description", "parameters", "strict"}],
"choice": "auto" | "required" | "none" | {"name": …}, "parallel": bool}`; nothing if empty. Nothing
here knows Django. Web processes read calls with it; only rules.py is for workers alone.
"""
