{#- The rows of a stream with all fields of its schema: times in UTC, numbers exact. A field that was
    deselected is null, and a table that no run has made is empty. -#}

{%- macro staged(stream, key, fields) -%}
    {%- set table = source('voicecalls', stream) -%}
    {%- set lines = json_lines(stream) -%}
    {%- set found = lines.fields if lines else loaded_fields(table, stream) %}
select
    {%- for name, kind in fields.items() %}
    {{ field(name, kind, found is none or name in found) }}{{ ',' if not loop.last }}
    {%- endfor %}
    {%- if lines %}
from {{ last_lines(lines.path, key, fields) }}
    {%- elif found == [] %}
where false
    {%- else %}
from {{ table }}
    {%- endif %}
{% endmacro -%}

{#- The names of a table's columns, in lower case but where the loader kept capitals; none while dbt
    only parses, and an empty list if there is no such table. -#}
{%- macro loaded_fields(table, stream) -%}
    {%- if not execute -%} {{ return(none) }} {%- endif -%}
    {%- set relation = adapter.get_relation(table.database, table.schema, table.identifier) -%}
    {%- if relation is none and stream == 'calls' -%}
        {{ exceptions.raise_compiler_error(
            'there is no table `calls` in the schema `' ~ table.schema ~ '` of `' ~ table.database
            ~ '`: load it first, or set the schema (VOICECALLS_SCHEMA)') }}
    {%- endif -%}
    {%- set names = [] -%}
    {%- for column in (adapter.get_columns_in_relation(relation) if relation else []) -%}
        {%- do names.append(column.name) -%}
        {%- do names.append(column.name | lower) -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro -%}

{#- A field as a column that needs no quotes. -#}
{%- macro field(name, kind, is_there) -%}
    {%- set plain = plain_name(name) -%}
    {%- set column = name if name == plain else as_loaded(name) -%}
    {%- if not is_there -%}
        {{ return('cast(null as ' ~ type_of(kind) ~ ') as ' ~ plain) }}
    {%- elif kind == 'time' -%}
        {{ return(utc(column) ~ ' as ' ~ plain) }}
    {%- elif kind == 'number' -%}
        {{ return(exact(column) ~ ' as ' ~ plain) }}
    {%- endif -%}
    {{ return(column if column == plain else column ~ ' as ' ~ plain) }}
{%- endmacro -%}

{#- How a column is called that a query would have to quote: a reserved word, or one with capitals. -#}
{%- macro plain_name(name) -%}
    {%- set words = {'from': 'from_number', 'to': 'to_number'} -%}
    {{ return(words.get(name) or modules.re.sub('(?<!^)([A-Z])', '_\\1', name) | lower) }}
{%- endmacro -%}

{%- macro type_of(kind) -%}
    {{ return(adapter.dispatch('type_of', 'voicecalls')(kind)) }}
{%- endmacro -%}

{%- macro default__type_of(kind) -%}
    {{ return({'text': 'text', 'integer': 'bigint', 'number': 'numeric', 'boolean': 'boolean',
               'time': 'timestamp', 'json': 'jsonb'}[kind]) }}
{%- endmacro -%}

{%- macro duckdb__type_of(kind) -%}
    {{ return({'number': 'decimal(38, 18)', 'json': 'json'}.get(kind) or default__type_of(kind)) }}
{%- endmacro -%}

{#- There numeric without a scale has no fraction, and the loader makes a float of a number. -#}
{%- macro snowflake__type_of(kind) -%}
    {{ return({'number': 'number(38, 12)', 'json': 'variant', 'time': 'timestamp_ntz'}.get(kind)
              or default__type_of(kind)) }}
{%- endmacro -%}
