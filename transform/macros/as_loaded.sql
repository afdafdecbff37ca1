{#- A column's name as the loader made it, where that is a reserved word or has capitals. -#}

{%- macro as_loaded(name) -%}
    {{ return(adapter.dispatch('as_loaded', 'voicecalls')(name)) }}
{%- endmacro -%}

{%- macro default__as_loaded(name) -%}
    {{ adapter.quote(name) }}
{%- endmacro -%}

{%- macro snowflake__as_loaded(name) -%}
    {{ adapter.quote(name | upper) }}
{%- endmacro -%}
