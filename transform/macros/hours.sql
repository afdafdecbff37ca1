{#- The hours that a time from one column to another touches, as rows beside those of a table. -#}

{%- macro hours_between(first, last) -%}
    {{ return(adapter.dispatch('hours_between', 'voicecalls')(first, last)) }}
{%- endmacro -%}

{%- macro default__hours_between(first, last) -%}
    cross join lateral generate_series(
        date_trunc('hour', {{ first }}), {{ last }}, interval '1 hour'
    ) as touched(hour)
{%- endmacro -%}

{%- macro duckdb__hours_between(first, last) -%}
    cross join lateral (
        select unnest(generate_series(date_trunc('hour', {{ first }}), {{ last }}, interval 1 hour)) as hour
    ) as touched
{%- endmacro -%}

{%- macro snowflake__hours_between(first, last) -%}
    cross join lateral (
        select dateadd('hour', value::integer, date_trunc('hour', {{ first }})) as hour
        from lateral flatten(array_generate_range(0, datediff('hour', {{ first }}, {{ last }}) + 1))
    ) as touched
{%- endmacro -%}
