-- Which hours of the day are the busiest, for calls in and calls out?
-- The five busiest of each direction, over all days. Hours are UTC: put your own time zone in its place.
-- A leg of another call, and the carrier's row of a call that was read at an agent platform too, is left out: it is the same call.
-- By way of the epoch: targets make columns with a time zone or without one of `started_at`.
with hours as (
    select
        direction,
        cast(extract(hour from to_timestamp(extract(epoch from started_at)) at time zone 'UTC') as integer) as hour_of_day,
        count(*) as calls,
        sum(duration_seconds) as seconds
    from calls
    where
        started_at is not null
        and not exists (
            select 1
            from calls as parent
            where
                parent.provider = calls.provider
                and parent.account = calls.account
                and parent.call_id = calls.parent_call_id
                and parent.call_id <> calls.call_id
        )
        and not exists (
            select 1
            from calls as platform
            where platform.carrier = calls.provider and platform.carrier_call_id = calls.call_id
        )
        and not exists (
            select 1
            from calls as leg
            inner join calls as platform on platform.carrier = leg.provider and platform.carrier_call_id = leg.call_id
            where leg.provider = calls.provider and leg.account = calls.account and leg.parent_call_id = calls.call_id
        )
    group by 1, 2
),
ranked as (
    select
        direction,
        hour_of_day,
        calls,
        seconds,
        100.0 * calls / sum(calls) over (partition by direction) as share,
        rank() over (partition by direction order by calls desc) as place
    from hours
)
select
    direction,
    place,
    hour_of_day,
    calls,
    cast(share as decimal(5, 1)) as percent_of_direction,
    cast(seconds / 60.0 as decimal(18, 1)) as minutes
from ranked
where place <= 5
order by direction, place, hour_of_day
