"""Chat templates in the manner of several families of models, as short as can be."""

ENDS = ("<|im_end|>", "<|eot_id|>", "</s>", "<｜end▁of▁sentence｜>", "<|end|>", "<EOT>")

PLAIN = """\
{%- for m in messages -%}
<|im_start|>{{ m.role }}
{{ m.content }}<|im_end|>
{% endfor -%}
{%- if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""

HERMES = """\
{%- if tools %}<|im_start|>system
{% if messages[0].role == 'system' %}{{ messages[0].content }}

{% endif %}You may call functions:
{%- for tool in tools %}
{{ tool | tojson }}
{%- endfor %}<|im_end|>
{% elif messages[0].role == 'system' %}<|im_start|>system
{{ messages[0].content }}<|im_end|>
{% endif %}
{%- for m in messages if m.role != 'system' %}
{%- if m.role == 'tool' %}<|im_start|>user
<tool_response>
{{ m.content }}
</tool_response><|im_end|>
{% else %}<|im_start|>{{ m.role }}
{{- '\\n' + m.content if m.content or not m.tool_calls }}
{%- for call in m.tool_calls or [] -%}
{{ '\\n<tool_call>\\n{"name": "' + call.function.name + '", "arguments": ' }}
{{- call.function.arguments | tojson }}}
</tool_call>
{%- endfor %}<|im_end|>
{% endif %}
{%- endfor %}
{%- if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""

THINKING = HERMES.replace(
    "{{- '\\n' + m.content if m.content or not m.tool_calls }}",
    "{{ '<think>\\n\\n</think>\\n' if m.role == 'assistant' and loop.last }}{{ m.content }}",
)
"""Writes empty thoughts before an answer."""

LLAMA = """\
{{ bos_token }}
{%- for m in messages %}
{%- if m.role == 'tool' %}<|start_header_id|>ipython<|end_header_id|>

{{ m.content | tojson }}<|eot_id|>
{%- elif m.tool_calls %}
{%- if m.tool_calls | length > 1 %}{{ raise_exception('One call at a time.') }}{% endif -%}
<|start_header_id|>assistant<|end_header_id|>

{% set call = m.tool_calls[0].function -%}
{"name": "{{ call.name }}", "parameters": {{ call.arguments | tojson }}}<|eot_id|>
{%- else %}<|start_header_id|>{{ m.role }}<|end_header_id|>

{% if tools and m.role == 'user' and loop.first %}Functions: {{ tools | tojson }}

{% endif %}{{ m.content }}<|eot_id|>
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>

{% endif %}"""

MISTRAL = """\
{{ bos_token }}
{%- for m in messages %}
{%- if m.role == 'user' %}
{%- if tools and loop.first %}
{{- '[AVAILABLE_TOOLS] ' }}{{ tools | tojson }}[/AVAILABLE_TOOLS]
{%- endif -%}
[INST] {{ m.content }}[/INST]
{%- elif m.role == 'system' %}{{ raise_exception('There are no instructions here.') }}
{%- elif m.tool_calls %}[TOOL_CALLS] [
{%- for call in m.tool_calls %}
{%- if call.id | length != 9 %}{{ raise_exception('An id has nine characters.') }}{% endif -%}
{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}, \
"id": "{{ call.id }}"}
{{- ', ' if not loop.last }}
{%- endfor %}]</s>
{%- elif m.role == 'tool' -%}
[TOOL_RESULTS] {"content": {{ m.content | tojson }}, "call_id": "{{ m.tool_call_id }}"}
{{- '[/TOOL_RESULTS]' }}
{%- else %} {{ m.content }}</s>
{%- endif %}
{%- endfor %}"""

MISTRAL_WITH_MARKS = """\
{{ bos_token }}
{%- if tools %}[AVAILABLE_TOOLS]{{ tools | tojson }}[/AVAILABLE_TOOLS]{% endif %}
{%- for m in messages %}
{%- if m.role == 'user' %}[INST]{{ m.content }}[/INST]
{%- elif m.role == 'system' %}[SYSTEM_PROMPT]{{ m.content }}[/SYSTEM_PROMPT]
{%- elif m.tool_calls %}
{%- for call in m.tool_calls -%}
[TOOL_CALLS]{{ call.function.name }}[CALL_ID]{{ call.id }}[ARGS]
{{- call.function.arguments | tojson }}
{%- endfor %}</s>
{%- elif m.role == 'tool' -%}
[TOOL_RESULTS]{{ m.tool_call_id }}[TOOL_CONTENT]{{ m.content }}[/TOOL_RESULTS]
{%- else %}{{ m.content }}</s>
{%- endif %}
{%- endfor %}"""

DEEPSEEK = """\
{{ bos_token }}{% if tools %}Tools: {{ tools | tojson }}{% endif %}
{%- for m in messages %}
{%- if m.role == 'user' %}<｜User｜>{{ m.content }}<｜Assistant｜>
{%- elif m.role == 'tool' -%}
<｜tool▁output▁begin｜>{{ m.content }}<｜tool▁output▁end｜>
{%- elif m.content is none %}<｜tool▁calls▁begin｜>
{%- for call in m.tool_calls -%}
{{ '\\n' if not loop.first }}<｜tool▁call▁begin｜>{{ call.type }}<｜tool▁sep｜>
{{- call.function.name }}
```json
{{ call.function.arguments + '\\n```' }}<｜tool▁call▁end｜>
{%- endfor %}<｜tool▁calls▁end｜><｜end▁of▁sentence｜>
{%- else %}{{ m.content }}{{ '<｜end▁of▁sentence｜>' if m.role == 'assistant' }}
{%- endif %}
{%- endfor %}"""

COMMAND = """\
{% if tools %}<SYS>{{ tools | tojson }}<EOT>{% endif %}
{%- for m in messages %}
{%- if m.tool_calls %}<BOT>Action:
```json
[
{%- for call in m.tool_calls %}
    {"tool_name": "{{ call.function.name }}", "parameters": {{ call.function.arguments | tojson }}}
    {{- ',' if not loop.last }}
{%- endfor %}
]
```<EOT>
{%- else %}<{{ 'BOT' if m.role == 'assistant' else m.role }}>{{ m.content }}<EOT>
{%- endif %}
{%- endfor %}<BOT>"""

GRANITE = """\
{% if tools %}<|tools|>{{ tools | tojson(indent=4) }}<|end|>
{% endif %}
{%- for m in messages -%}
<|role|>{{ m.role }}<|text|>
{%- if m.tool_calls %}<|tool_call|>[
{%- for call in m.tool_calls -%}
{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}
{{- ', ' if not loop.last }}
{%- endfor %}]
{%- else %}{{ m.content }}
{%- endif %}<|end|>
{% endfor %}<|role|>assistant<|text|>"""

XML = """\
{% if tools %}<|im_start|>system
{{ tools | tojson }}<|im_end|>
{% endif %}
{%- for m in messages %}<|im_start|>{{ m.role }}
{{ m.content }}
{%- for call in m.tool_calls or [] %}
<tool_call>
<function={{ call.function.name }}>
{%- for key, value in call.function.arguments | items %}
<parameter={{ key }}>
{{ value }}
</parameter>
{%- endfor %}
</function>
</tool_call>
{%- endfor %}<|im_end|>
{% endfor %}<|im_start|>assistant
"""

STRICT = """\
{%- for m in messages %}
{%- if (m.role == 'user') != (loop.index0 % 2 == 0) %}
{{- raise_exception('User and assistant take turns, and nobody else.') }}
{%- endif -%}
<{{ m.role }}>{{ m.content | trim }}<EOT>
{%- endfor %}<assistant>"""
"""Knows neither instructions nor tools."""

KNOWS_ONLY_TOOLS = """\
{% for m in messages %}<|{{ m.role }}|>{{ m.content }}
{%- if tools and loop.first %}{{ tools | tojson }}{% endif %}<|end|>{% endfor %}<|assistant|>"""
"""Tells of tools, but not how to call them."""
