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
