{#- Fails on rows in which a column is not the sum of these others. -#}
{% test is_sum_of(model, column_name, columns) %}

select {{ column_name }}, {{ columns | join(', ') }}
from {{ model }}
where {{ column_name }} <> {{ columns | join(' + ') }}

{% endtest %}
