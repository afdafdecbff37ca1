{#- A quotient, rounded, a half up; null if it is one by nothing. -#}

{%- macro divided(part, whole, digits) -%}
    {{ return(adapter.dispatch('divided', 'voicecalls')(part, whole, digits)) }}
{%- endmacro -%}

{%- macro default__divided(part, whole, digits) -%}
    round(1.0 * {{ part }} / nullif({{ whole }}, 0), {{ digits }})
{%- endmacro -%}

{#- There the quotient of decimals is a float, which may round the wrong way. So both are counted in
    units of 10^-18, as integers. -#}
{%- macro duckdb__divided(part, whole, digits) -%}
    {%- set unit = '0.' ~ '0' * (digits - 1) ~ '1' -%}
    {%- set a, b = _units(part), _units(whole) -%}
    cast(
        (2 * abs({{ a }}) * {{ 10 ** digits }} + abs({{ b }})) // nullif(2 * abs({{ b }}), 0)
        * sign({{ a }}) * sign({{ b }}) as decimal(32, 0)
    ) * {{ unit }}
{%- endmacro -%}

{%- macro _units(number) -%}
    {%- set exact = 'cast(' ~ number ~ ' as decimal(38, 18))' -%}
    (
        cast(floor({{ exact }}) as hugeint) * 1000000000000000000
        + cast(({{ exact }} - floor({{ exact }})) * 1000000000000000000 as hugeint)
    )
{%- endmacro -%}
