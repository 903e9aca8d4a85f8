-- What came after the first customers; the seed runs it at every start.

-- Payments that are kept elsewhere, and whose keeper has not said yet that it has them: bookings.py.
create table if not exists bookings (
  id         uuid primary key,
  payer_id   bigint not null,
  payee_id   bigint not null,
  amount     bigint not null,
  concept    text not null,
  key        text not null,
  created_at timestamptz not null default date_trunc('milliseconds', clock_timestamp())
);
