-- What did a minute cost, day by day, in the last seven days?
-- Calls of which both the cost and the duration are known. Days are UTC; currencies are never added up.
-- By way of the epoch: targets make columns with a time zone or without one of `started_at`.
with days as (
    select
        provider,
        currency,
        cast(to_timestamp(extract(epoch from started_at)) at time zone 'UTC' as date) as day,
        count(*) as calls,
        sum(duration_seconds) as seconds,
        sum(cost) as spent
    from calls
    where cost is not null and duration_seconds is not null
    group by 1, 2, 3
)
select
    provider,
    currency,
    day,
    calls,
    cast(seconds / 60.0 as decimal(18, 1)) as minutes,
    cast(spent as decimal(18, 4)) as cost,
    cast(60.0 * spent / nullif(seconds, 0) as decimal(18, 4)) as cost_per_minute,
    cast(60.0 * sum(spent) over week / nullif(sum(seconds) over week, 0) as decimal(18, 4)) as week_cost_per_minute
from days
where day > (select max(cast(to_timestamp(extract(epoch from started_at)) at time zone 'UTC' as date)) from calls) - 7
window week as (partition by provider, currency)
order by provider, currency, day
