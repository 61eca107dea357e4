"""Chat templates in the manner of several families of models, as short as can be."""

ENDS = (
    *("<|im_end|>", "<|eot_id|>", "</s>", "<｜end▁of▁sentence｜>", "<EOT>", "<|assistant|>"),
    *("<|end|>", "<|call|>"),
)

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
{{- '\\n<tool_call>\\n<function=' + call.function.name + '>\\n' }}
{%- for key, value in call.function.arguments | items %}
{{- '<parameter=' + key + '>\\n' }}{{ value if value is string else value | tojson }}
{{- '\\n</parameter>\\n' }}
{%- endfor -%}
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

KEYS_AND_VALUES = """\
{% if tools %}<|system|>{{ tools | tojson }}
{% endif %}
{%- for m in messages %}
{%- if m.role == 'tool' %}<|observation|>{{ m.content }}
{%- else %}<|{{ m.role }}|>
{%- if m.role == 'assistant' %}<think></think>{% endif %}
{{- m.content }}
{%- for call in m.tool_calls or [] -%}
<tool_call>{{ call.function.name }}
{%- for key, value in call.function.arguments.items() -%}
<arg_key>{{ key }}</arg_key><arg_value>
{{- value if value is string else value | tojson }}</arg_value>
{%- endfor -%}
</tool_call>
{%- endfor %}
{%- endif %}
{%- endfor %}<|assistant|>"""

NUMBERED = """\
{% if tools %}<|im_system|>tools<|im_middle|>{{ tools | tojson }}<|im_end|>{% endif %}
{%- for m in messages -%}
<|im_{{ m.role }}|>{{ m.role }}<|im_middle|>
{%- if m.role == 'tool' %}## Return of {{ m.tool_call_id }}
{{ m.content }}
{%- else %}{{ m.content or '' }}
{%- if m.tool_calls %}<|tool_calls_section_begin|>
{%- for call in m.tool_calls -%}
<|tool_call_begin|>functions.{{ call.function.name }}:{{ loop.index0 }}
{{- '<|tool_call_argument_begin|>' }}{{ call.function.arguments | tojson }}<|tool_call_end|>
{%- endfor %}<|tool_calls_section_end|>
{%- endif %}
{%- endif %}<|im_end|>
{%- endfor %}<|im_assistant|>assistant<|im_middle|>"""

NUMBERED_BY_ID = NUMBERED.replace(
    "functions.{{ call.function.name }}:{{ loop.index0 }}", "{{ call.id }}"
)

CALLS_UNTOLD = """\
{{ bos_token }}
{%- for m in messages %}
{%- if m.role == 'system' %}{{ m.content }}
{%- elif m.role == 'user' %}<｜User｜>{{ m.content }}<｜Assistant｜></think>
{%- elif m.role == 'tool' -%}
<｜tool▁output▁begin｜>{{ m.content }}<｜tool▁output▁end｜>
{%- else %}{{ m.content or '' }}
{%- if m.tool_calls %}<｜tool▁calls▁begin｜>
{%- for call in m.tool_calls -%}
<｜tool▁call▁begin｜>{{ call.function.name }}<｜tool▁sep｜>
{{- call.function.arguments | tojson }}<｜tool▁call▁end｜>
{%- endfor %}<｜tool▁calls▁end｜>
{%- endif %}<｜end▁of▁sentence｜>
{%- endif %}
{%- endfor %}"""
"""Writes calls, but tells of no tools."""

CHANNELS = """\
<|start|>system<|message|>Valid channels: analysis, commentary, final.<|end|>
{%- if tools %}<|start|>developer<|message|>{{ tools | tojson }}<|end|>{% endif %}
{%- for m in messages %}
{%- if m.tool_calls %}
{%- set call = m.tool_calls[0].function %}<|start|>assistant to=functions.{{ call.name -}}
<|channel|>commentary json<|message|>{{ call.arguments | tojson }}<|call|>
{%- elif m.role == 'tool' %}<|start|>functions.{{ m.name }} to=assistant<|channel|>commentary
{{- '<|message|>' }}{{ m.content | tojson }}<|end|>
{%- elif m.role == 'assistant' %}<|start|>assistant<|channel|>final<|message|>{{ m.content }}<|end|>
{%- else %}<|start|>{{ m.role }}<|message|>{{ m.content }}<|end|>
{%- endif %}
{%- endfor %}<|start|>assistant"""


THINKS = """\
{%- for m in messages %}<|im_start|>{{ m.role }}
{% if m.role == 'assistant' and loop.last %}<think>
{{ m.reasoning_content or '' }}
</think>

{{ m.content.split('</think>')[-1] }}
{%- else %}{{ m.content }}{% endif %}<|im_end|>
{% endfor -%}
{%- if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""

OPENS_THOUGHTS = """\
{%- for m in messages %}<|{{ m.role }}|>{{ m.content.split('</think>')[-1] }}{% endfor -%}
{%- if add_generation_prompt %}<|assistant|><think>
{% endif %}"""

THINKS_IN_PARTS = """\
{%- for m in messages %}
{%- if m.role == 'user' %}[INST]{{ m.content }}[/INST]
{%- elif m.content is string %}{{ m.content }}</s>
{%- else %}
{%- for part in m.content -%}
{{- '[THINK]' + part.thinking + '[/THINK]' if part.type == 'thinking' else part.text }}
{%- endfor %}</s>
{%- endif %}
{%- endfor %}"""

THINKS_BEFORE_CHANNELS = """\
{%- for m in messages %}<|start|>{{ m.role }}
{%- if m.thinking %}<|channel|>analysis<|message|>{{ m.thinking }}<|end|>
{{- '<|start|>assistant' }}{% endif %}
{{- '<|channel|>final' if m.role == 'assistant' }}<|message|>{{ m.content }}<|end|>
{%- endfor %}"""
"""What stands around a thought is no mark of it alone."""

THINKS_WITH_OWN_MARKS = THINKS.replace("<think>", "<seed:think>").replace(
    "</think>", "</seed:think>"
)
