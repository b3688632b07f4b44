/*
 * The states of a charge attempt, what can happen to it, and the table of what leads where:
 * the names and the rows of `AttemptState`, `AttemptEvent` and `TRANSITIONS` in
 * src/billing_core/charging/attempt_states.py. A test reads both and compares them, both ways.
 */

mtype:state = { OPEN, SUCCEEDED, DECLINED, REQUIRES_ACTION, PENDING, UNKNOWN, HELD, VOID }

mtype:event = {
  EV_SUCCEEDED, EV_MISMATCHED, EV_DECLINED, EV_ACTION_REQUIRED, EV_PENDING, EV_UNKNOWN, EV_TURNED_DOWN,
  EV_NOT_ATTEMPTED, EV_DUPLICATE_SUSPECTED, EV_NEVER_HAPPENED, EV_GAVE_UP, EV_ADOPTED, EV_ACTION_ENDED
}

/* What the table does not list can't happen: the model stops there, as the code raises. */
inline move(s, e)
{
  if
  :: s == OPEN && e == EV_SUCCEEDED -> s = SUCCEEDED
  :: s == OPEN && e == EV_MISMATCHED -> s = HELD
  :: s == OPEN && e == EV_DECLINED -> s = DECLINED
  :: s == OPEN && e == EV_ACTION_REQUIRED -> s = REQUIRES_ACTION
  :: s == OPEN && e == EV_PENDING -> s = PENDING
  :: s == OPEN && e == EV_GAVE_UP -> s = HELD
  :: s == OPEN && e == EV_UNKNOWN -> s = UNKNOWN
  :: s == OPEN && e == EV_NEVER_HAPPENED -> s = VOID
  :: s == OPEN && e == EV_NOT_ATTEMPTED -> s = OPEN
  :: s == OPEN && e == EV_DUPLICATE_SUSPECTED -> s = OPEN
  :: s == OPEN && e == EV_TURNED_DOWN -> s = UNKNOWN
  :: s == UNKNOWN && e == EV_SUCCEEDED -> s = SUCCEEDED
  :: s == UNKNOWN && e == EV_MISMATCHED -> s = HELD
  :: s == UNKNOWN && e == EV_DECLINED -> s = DECLINED
  :: s == UNKNOWN && e == EV_ACTION_REQUIRED -> s = REQUIRES_ACTION
  :: s == UNKNOWN && e == EV_PENDING -> s = PENDING
  :: s == UNKNOWN && e == EV_GAVE_UP -> s = HELD
  :: s == UNKNOWN && e == EV_UNKNOWN -> s = UNKNOWN
  :: s == UNKNOWN && e == EV_NEVER_HAPPENED -> s = VOID
  :: s == UNKNOWN && e == EV_DUPLICATE_SUSPECTED -> s = UNKNOWN
  :: s == UNKNOWN && e == EV_TURNED_DOWN -> s = UNKNOWN
  :: s == PENDING && e == EV_SUCCEEDED -> s = SUCCEEDED
  :: s == PENDING && e == EV_MISMATCHED -> s = HELD
  :: s == PENDING && e == EV_DECLINED -> s = DECLINED
  :: s == PENDING && e == EV_ACTION_REQUIRED -> s = REQUIRES_ACTION
  :: s == PENDING && e == EV_PENDING -> s = PENDING
  :: s == PENDING && e == EV_GAVE_UP -> s = HELD
  :: s == PENDING && e == EV_UNKNOWN -> s = PENDING
  :: s == PENDING && e == EV_DUPLICATE_SUSPECTED -> s = PENDING
  :: s == PENDING && e == EV_TURNED_DOWN -> s = UNKNOWN
  :: s == REQUIRES_ACTION && e == EV_SUCCEEDED -> s = SUCCEEDED
  :: s == REQUIRES_ACTION && e == EV_MISMATCHED -> s = HELD
  :: s == REQUIRES_ACTION && e == EV_DECLINED -> s = DECLINED
  :: s == REQUIRES_ACTION && e == EV_ACTION_REQUIRED -> s = REQUIRES_ACTION
  :: s == REQUIRES_ACTION && e == EV_PENDING -> s = PENDING
  :: s == REQUIRES_ACTION && e == EV_GAVE_UP -> s = HELD
  :: s == REQUIRES_ACTION && e == EV_UNKNOWN -> s = REQUIRES_ACTION
  :: s == REQUIRES_ACTION && e == EV_DUPLICATE_SUSPECTED -> s = REQUIRES_ACTION
  :: s == REQUIRES_ACTION && e == EV_TURNED_DOWN -> s = UNKNOWN
  :: s == REQUIRES_ACTION && e == EV_ACTION_ENDED -> s = DECLINED
  :: s == HELD && e == EV_ADOPTED -> s = SUCCEEDED
  :: s == HELD && e == EV_NEVER_HAPPENED -> s = VOID
  :: else -> assert(false) /* an event that can't happen in this state */
  fi
}

/* What a call came to, as a worker is told. NOT_FOUND is a look-up's, CLOSED a fenced call-off's. */
mtype:answer = {
  A_SUCCEEDED, A_MISMATCHED, A_DECLINED, A_ACTION, A_PENDING, A_UNKNOWN, A_NOT_ATTEMPTED, A_DUPLICATE,
  A_NOT_FOUND, A_PREPARED, A_CLOSED
}

/* What the decision can come to: `ChargeInvoice`, and the members of `ResolveAction`. */
mtype:step = { CHARGE, DO_LOOK_UP, DO_RESEND, DO_CONFIRM, DO_CANCEL, DO_VOID, DO_END_ACTION, DO_HOLD }

#define FINAL(s)      ((s) == SUCCEEDED || (s) == DECLINED || (s) == VOID)
#define UNRESOLVED(s) (!FINAL(s))
