{#- Fails where a column adds up to another sum than `of` does in `to`, for the same values of `by`. -#}
{% test adds_up_to(model, column_name, to, of, by) %}
{%- set groups = by | join(', ') %}

with both_sides as (
    select {{ groups ~ ',' if by }} {{ column_name }} as amount from {{ model }}
    union all
    select {{ groups ~ ',' if by }} -1 * {{ of }} as amount from {{ to }}
)

select
    {{ groups ~ ',' if by }}
    sum(amount) as too_much
from both_sides
{{ 'group by ' ~ groups if by }}
having sum(amount) <> 0

{% endtest %}
