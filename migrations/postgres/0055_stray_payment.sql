-- Money that came and made no licence: it stands here until it was given back, or made one after all.
create table stray_payment (
    -- Who says so, and their number of it, as in `licence_payment`.
    payment text primary key,
    -- Whose order it names; null: there is no such order.
    account_id uuid references account (id),
    -- The number of the order, or what stood in its place.
    told text not null,
    amount bigint not null,
    currency text not null,
    why text not null check (why in ('twice', 'other_sum', 'nobody', 'closed', 'no_order')),
    created_at timestamptz not null,
    ended_at timestamptz,
    -- By which it was given back; null once it has ended: it made a licence after all.
    document text
);
create index stray_payment_open on stray_payment (created_at) where ended_at is null;
insert into stray_payment (payment, account_id, told, amount, currency, why, created_at)
    select p.payment, p.account_id, cast(p.order_id as text), p.amount, p.currency,
        case when p.amount = o.amount and p.currency = o.currency then 'twice' else 'other_sum' end, p.created_at
    from licence_payment p join licence_order o on o.id = p.order_id where p.licence_id is null;
