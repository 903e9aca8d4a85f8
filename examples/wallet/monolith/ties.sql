-- What ties the tables together: see schema.sql.

alter table tokens add foreign key (customer_id) references customers;
alter table accounts add foreign key (customer_id) references customers;
alter table payments
  add foreign key (payer_id) references accounts,
  add foreign key (payee_id) references accounts;
alter table topups
  add foreign key (account_id) references accounts,
  add foreign key (source_id) references accounts;
alter table movements
  add foreign key (account_id) references accounts,
  add unique (reference, account_id);
alter table notifications add foreign key (customer_id) references customers;

create index on payments (payer_id, created_at);
create index on movements (account_id, at desc, id desc);
create index on notifications (customer_id, id desc);

-- Money is only moved: the movements of one payment or top-up sum to zero when it commits.
create function refuse_unbalanced() returns trigger language plpgsql as $$
begin
  if (select sum(amount) from movements where reference = new.reference) <> 0 then
    raise exception 'the movements of % do not sum to zero', new.reference
      using errcode = 'check_violation';
  end if;
  return null;
end $$;

create constraint trigger movements_sum_to_zero after insert or update on movements
  deferrable initially deferred for each row execute function refuse_unbalanced();
