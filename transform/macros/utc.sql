{#- A time in UTC without a zone, whether the target made a column with a zone or without one. -#}

{%- macro utc(column) -%}
    {{ return(adapter.dispatch('utc', 'voicecalls')(column)) }}
{%- endmacro -%}

{#- By way of the epoch, which takes a time without a zone for UTC, whatever the session's zone. -#}
{%- macro default__utc(column) -%}
    to_timestamp(extract(epoch from {{ column }})) at time zone 'UTC'
{%- endmacro -%}

{%- macro snowflake__utc(column) -%}
    to_timestamp_ntz(date_part(epoch_microsecond, {{ column }}), 6)
{%- endmacro -%}

{#- By whole microseconds: seconds are a float there. -#}
{%- macro duckdb__utc(column) -%}
    make_timestamp(epoch_us(cast({{ column }} as timestamptz)))
{%- endmacro -%}

{#- The seconds from one time in UTC to another. -#}
{%- macro seconds_between(first, last) -%}
    {{ return(adapter.dispatch('seconds_between', 'voicecalls')(first, last)) }}
{%- endmacro -%}

{%- macro default__seconds_between(first, last) -%}
    extract(epoch from {{ last }} - {{ first }})
{%- endmacro -%}

{#- A quotient would be a float, and so would their sum. -#}
{%- macro duckdb__seconds_between(first, last) -%}
    cast(epoch_us({{ last }}) - epoch_us({{ first }}) as decimal(20, 0)) * 0.000001
{%- endmacro -%}

{%- macro snowflake__seconds_between(first, last) -%}
    timestampdiff(microsecond, {{ first }}, {{ last }}) / 1000000
{%- endmacro -%}
