-- How many calls were there at once, at the most?
-- At the peak of each provider and of all together, and when it came first. Times are UTC; calls without an end are left out.
-- By way of the epoch: targets make columns with a time zone or without one of `started_at`.
with changes as (
    select provider, started_at as moment, 1 as change from calls where ended_at > started_at
    union all
    select provider, ended_at as moment, -1 as change from calls where ended_at > started_at
),
scopes as (
    select provider, moment, change from changes
    union all
    select 'all' as provider, moment, change from changes
),
running as (
    select
        provider,
        moment,
        sum(change) over (
            partition by provider
            order by moment, change
            rows between unbounded preceding and current row
        ) as calls_at_once
    from scopes
),
ranked as (
    select
        provider,
        moment,
        calls_at_once,
        row_number() over (partition by provider order by calls_at_once desc, moment) as place
    from running
)
select
    provider,
    cast(calls_at_once as integer) as calls_at_once,
    to_timestamp(extract(epoch from moment)) at time zone 'UTC' as first_at
from ranked
where place = 1
order by calls_at_once desc, provider
