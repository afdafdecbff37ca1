{#- Fails where a column adds up to another sum than `of` does in `to`, for the same values of `by`. -#}
{% test adds_up_to(model, column_name, to, of, by) %}

with both_sides as (
    select {{ by | join(', ') }}, {{ column_name }} as amount from {{ model }}
    union all
    select {{ by | join(', ') }}, -1 * {{ of }} as amount from {{ to }}
)

select
    {{ by | join(', ') }},
    sum(amount) as too_much
from both_sides
group by {{ by | join(', ') }}
having sum(amount) <> 0

{% endtest %}
