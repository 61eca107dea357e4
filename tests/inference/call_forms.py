"""Forms in which models write calls."""

from inference.tools.format import Format, Tags

BARE = Format('{"name": "', '", "parameters": ', "}", None)
IN_LIST = Format('[TOOL_CALLS] [{"name": "', '", "arguments": ', "}]", '}, {"name": "')
MARKED = Format("[TOOL_CALLS]", "[ARGS]", "", "[TOOL_CALLS]")
NUMBERED = Format(
    "<|calls|><|call|>functions.",
    "<|args|>",
    "<|/call|><|/calls|>",
    "<|/call|><|call|>functions.",
    numbered=":",
)
IN_TAGS = Format(
    "<tool_call>\n<function=",
    ">\n",
    "</function>\n</tool_call>",
    "</function>\n</tool_call>\n<tool_call>\n<function=",
    Tags("<parameter=", ">\n", "\n</parameter>\n"),
)
PAIRS = Format(
    "<tool_call>",
    "",
    "</tool_call>",
    "</tool_call><tool_call>",
    Tags("<arg_key>", "</arg_key><arg_value>", "</arg_value>"),
)
