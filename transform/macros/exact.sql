{#- A number as an exact decimal. -#}

{%- macro exact(column) -%}
    cast({{ column }} as {{ type_of('number') }})
{%- endmacro -%}

{#- A decimal with so many digits after the point. -#}
{%- macro decimal(digits) -%}
    decimal(18, {{ digits }})
{%- endmacro -%}
