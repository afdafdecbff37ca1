{#- What the marts that count calls have in common. -#}

{%- macro statuses() -%}
    {{ return(['completed', 'failed', 'busy', 'no_answer', 'canceled', 'in_progress', 'unknown']) }}
{%- endmacro -%}

{%- macro count_by_status() -%}
    {%- for status in statuses() %}
        count(case when coalesce(status, 'unknown') = '{{ status }}' then 1 end) as {{ status }}{{ ',' if not loop.last }}
    {%- endfor -%}
{%- endmacro -%}

{#- Of the calls that ended in a way that is told; null if there are none. -#}
{%- macro completed_share() -%}
    {{ divided('completed', '(calls - in_progress - unknown)', 4) }}
{%- endmacro -%}

{#- Of the calls that tell how long they were; null if there are none. -#}
{%- macro average_seconds() -%}
    {{ divided('duration_seconds', 'calls_with_duration', 3) }}
{%- endmacro -%}
