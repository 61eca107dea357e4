"""Others' libraries against the running platform, in an environment of their own: `make compat`.

They know the platform by its address and a key alone, as programs do.
"""
