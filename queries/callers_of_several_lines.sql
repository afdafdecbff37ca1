-- Which numbers called several of your lines?
-- Incoming calls from one number to more than one of your numbers, or through more than one provider. Times are UTC.
-- By way of the epoch: targets make columns with a time zone or without one of `started_at`.
select
    from_number,
    count(*) as calls,
    count(distinct to_number) as lines_called,
    string_agg(distinct provider, ', ' order by provider) as providers,
    min(to_timestamp(extract(epoch from started_at)) at time zone 'UTC') as first_call,
    max(to_timestamp(extract(epoch from started_at)) at time zone 'UTC') as last_call
from calls
where direction = 'inbound' and from_number is not null
group by from_number
having count(distinct to_number) > 1 or count(distinct provider) > 1
order by lines_called desc, calls desc, from_number
