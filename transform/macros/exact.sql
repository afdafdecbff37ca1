{#- A number as an exact decimal. -#}

{%- macro exact(column) -%}
    {{ return(adapter.dispatch('exact', 'voicecalls')(column)) }}
{%- endmacro -%}

{%- macro default__exact(column) -%}
    cast({{ column }} as {{ type_of('number') }})
{%- endmacro -%}

{#- There numeric without a scale has no fraction, and the loader makes a float of a number. -#}
{%- macro snowflake__exact(column) -%}
    cast({{ column }} as number(38, 12))
{%- endmacro -%}

{#- A decimal with so many digits after the point. -#}
{%- macro decimal(digits) -%}
    decimal(18, {{ digits }})
{%- endmacro -%}
