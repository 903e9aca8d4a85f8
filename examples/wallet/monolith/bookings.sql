-- What came after the first customers; the seed runs it at every start.

-- Payments that are kept elsewhere, and whose keeper has not said yet that it has them: bookings.py.
-- What is booked here can be kept: it meets what payments ask of a row.
create table if not exists bookings (
  id         uuid primary key,
  payer_id   bigint not null,
  payee_id   bigint not null,
  amount     bigint not null check (amount > 0),
  concept    text not null check (length(concept) <= 80),
  key        text not null check (length(key) between 1 and 80),
  created_at timestamptz not null default date_trunc('milliseconds', clock_timestamp()),
  check (payer_id <> payee_id)
);
