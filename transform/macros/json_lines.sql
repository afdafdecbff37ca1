{#- The files of target-jsonl as tables: on DuckDB only, if VOICECALLS_JSONL names their folder. -#}

{%- macro json_lines(stream) -%}
    {{ return(adapter.dispatch('json_lines', 'voicecalls')(stream)) }}
{%- endmacro -%}

{%- macro default__json_lines(stream) -%}
    {{ return(none) }}
{%- endmacro -%}

{#- The file of a stream and the fields that its records have; none without such a folder. -#}
{%- macro duckdb__json_lines(stream) -%}
    {%- set folder = env_var('VOICECALLS_JSONL', '') -%}
    {%- if not folder -%} {{ return(none) }} {%- endif -%}
    {%- set path = (folder ~ '/' ~ stream ~ '.jsonl') | replace("'", "''") -%}
    {%- if not execute -%} {{ return({'path': path, 'fields': none}) }} {%- endif -%}
    {%- set has_file = run_query("select count(*) from glob('" ~ path ~ "')").rows[0][0] -%}
    {%- if has_file -%}
        {{ return({'path': path, 'fields': none}) }}
    {%- elif stream == 'calls' -%}
        {{ exceptions.raise_compiler_error(
            'there is no file ' ~ path ~ ': load `calls` with target-jsonl first, or set VOICECALLS_JSONL') }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro -%}

{#- The last line of each key: a call that was read again is appended to the file. All is read as text
    first, since DuckDB takes a number into a decimal by way of a float. -#}
{%- macro last_lines(path, key, fields) -%}
    {%- set types = {'integer': 'bigint', 'boolean': 'boolean', 'json': 'json'} -%}
    {%- set columns = [] -%}
    {%- for name, kind in fields.items() -%}
        {%- do columns.append(as_loaded(name) ~ ": '" ~ types.get(kind, 'varchar') ~ "'") -%}
    {%- endfor -%}
    {%- set lines -%}
(
    select * from (
        select *, row_number() over () as line_number
        from read_json(
            '{{ path }}',
            format = 'newline_delimited',
            columns = {{ '{' ~ columns | join(', ') ~ '}' }}
        )
    )
    qualify row_number() over (partition by {{ key | join(', ') }} order by line_number desc) = 1
)
    {%- endset -%}
    {{ return(lines) }}
{%- endmacro -%}
