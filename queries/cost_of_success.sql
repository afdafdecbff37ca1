-- What does a successful call cost?
-- What all calls cost, for each successful one: by the provider's verdict, or else completed ones. Currencies are never added up.
with verdicts as (
    select
        provider,
        currency,
        cost,
        case when coalesce(successful, status = 'completed') then 1 else 0 end as success
    from calls
    where cost is not null and status <> 'in_progress' and (successful is not null or status <> 'unknown')
)
select
    provider,
    currency,
    count(*) as calls,
    sum(success) as successful,
    cast(100.0 * sum(success) / count(*) as decimal(5, 1)) as successful_percent,
    cast(sum(cost) as decimal(18, 4)) as cost,
    cast(sum(cost) / nullif(sum(success), 0) as decimal(18, 4)) as cost_of_success
from verdicts
group by 1, 2
order by provider, currency
