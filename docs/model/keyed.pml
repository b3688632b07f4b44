/*
 * One renewal invoice at a gateway without a fence: what next_step, resolution, settle and
 * look_after do, against everything that a network, a processor, a clock and an owner can do.
 *
 * README.md says what the names stand for, what is left out, and what each BUG_ switch breaks.
 */
#include "attempt.pml"

#ifndef ATTEMPTS
#define ATTEMPTS 2
#endif
#ifndef WORKERS
#define WORKERS 2
#endif
#define UNSURE_MAX 2          /* sends of one attempt that may have gone out; more only repeat them */

/* The bounded times, in ticks. */
#ifndef SEND_DELAY
#define SEND_DELAY 1          /* SEND_DELAY_MAX: how old a commit may be when its request is sent */
#endif
#define CLOCK_ERROR 1         /* how far two clocks, or one clock at two times, may lie apart */
#define LIFE 1                /* request_life */
#define LAG 1                 /* look_up_lag */
#define RETENTION (3 + SEND_DELAY)   /* key_retention */
#define ACTION 1              /* action_lifetime */
#ifdef BUG_NO_MARGIN
#define MARGIN 0
#else
#define MARGIN (CLOCK_ERROR + SEND_DELAY)   /* clock_margin */
#endif
#define RESEND_WINDOW (RETENTION - LIFE - MARGIN)
#define WINDOW_OVER (RESEND_WINDOW + CLOCK_ERROR)         /* older is as old */
#ifdef BUG_NO_LAG
#define NOT_FOUND_WAIT (LIFE + MARGIN)
#else
#define NOT_FOUND_WAIT (LIFE + LAG + MARGIN)
#endif
#define OLD (ACTION + LIFE + LAG + CLOCK_ERROR + SEND_DELAY + CLOCK_ERROR)  /* older is as old */

/* What a clock may tell about a true age. */
#define MAY_READ_AT_LEAST(age, ticks) ((age) + CLOCK_ERROR >= (ticks))
#define MAY_READ_BELOW(age, ticks)    ((age) < (ticks) + CLOCK_ERROR)

/* What the processor holds under an attempt's key. */
mtype:object = { NOTHING, CAPTURED, CONFIRMED, COLLECTED, REFUSED, WAITING, PROCESSING, OTHER_AMOUNT }

/* -- on file ------------------------------------------------------------------------------- */
byte attempts = 0;                     /* how many there are; the last one is the latest */
mtype:state state[ATTEMPTS];
byte unsure[ATTEMPTS];                 /* sends less those that surely did nothing */
byte looked[ATTEMPTS];                 /* latest send looked for in vain: 0 no, 1 yes, 2 after the wait */
bool orphan[ATTEMPTS];
bool decided[ATTEMPTS];
byte paid = 0;                         /* how often the invoice was paid */
bool canceled = false;                 /* the license has ended */
bool wake = true;                      /* whether anybody will look at the license again */
bool stale[WORKERS];                   /* whether a guard of this worker's commit would fail */

/* -- the world ----------------------------------------------------------------------------- */
mtype:object object[ATTEMPTS];
byte captures[ATTEMPTS];               /* less what was given back */
byte in_flight[ATTEMPTS];              /* bit k: a request that was committed k ticks ago */
byte first_sent[ATTEMPTS];             /* true ages: of the commits, */
byte last_sent[ATTEMPTS];
byte key_age[ATTEMPTS];                /* of the key, since the processor first saw it, */
byte object_age[ATTEMPTS];             /* and of the latest news about the object */
byte read_at[WORKERS];                 /* ticks since this worker read the clock */
bool wrong_amount[ATTEMPTS];           /* only with BUG_LIVE_PRICE */

#if ATTEMPTS == 1
#define ALL_CAPTURES captures[0]
#define ANY_UNRESOLVED (attempts >= 1 && UNRESOLVED(state[0]))
#elif ATTEMPTS == 2
#define ALL_CAPTURES (captures[0] + captures[1])
#define ANY_UNRESOLVED ((attempts >= 1 && UNRESOLVED(state[0])) || (attempts >= 2 && UNRESOLVED(state[1])))
#else
#define ALL_CAPTURES (captures[0] + captures[1] + captures[2])
#define ANY_UNRESOLVED ((attempts >= 1 && UNRESOLVED(state[0])) || (attempts >= 2 && UNRESOLVED(state[1])) \
                        || (attempts >= 3 && UNRESOLVED(state[2])))
#endif

/* -- what must hold ------------------------------------------------------------------------ */

/* Money moves under attempt a. */
inline capture(a)
{
#ifdef LATE
  captures[a] = (captures[a] < 2 -> captures[a] + 1 : 2);
#else
  captures[a]++;
  assert(ALL_CAPTURES <= 1);                               /* charged once */
  assert(a < attempts);                                    /* intent before money */
  assert(state[a] != DECLINED && state[a] != VOID);        /* no money behind a closed attempt */
  assert(!wrong_amount[a])                                 /* the amount that was agreed */
#endif
}

/* An event happens to attempt a, in a commit. */
inline happen(a, e)
{
  move(state[a], e);
  if
  :: FINAL(state[a]) ->
#ifndef LATE
    assert(state[a] == SUCCEEDED || captures[a] == 0);     /* nothing charged is lost */
#endif
    unsure[a] = 0; looked[a] = 0; last_sent[a] = OLD; first_sent[a] = WINDOW_OVER
  :: else
  fi
}

inline pay()
{
  paid++;
  assert(paid <= 1)                                        /* one period for one payment */
}

/* A commit: whoever has read before must read again. */
inline committed()
{
  stale[0] = true;
#if WORKERS > 1
  stale[1] = true;
#endif
  assert(!ANY_UNRESOLVED || wake || state[attempts - 1] == HELD)   /* nothing is forgotten */
}

/* -- settling ------------------------------------------------------------------------------ */

#ifdef BUG_ACTION_OVER_AT_ONCE
#define ACTION_OVER ACTION
#else
#define ACTION_OVER (ACTION + NOT_FOUND_WAIT)
#endif

/* The gateway had heard of nothing, or only that the cardholder still has to confirm. */
inline looked_in_vain(a)
{
  if
  :: state[a] == REQUIRES_ACTION ->
    if
    :: MAY_READ_AT_LEAST(last_sent[a], ACTION_OVER) -> looked[a] = 2
    :: MAY_READ_BELOW(last_sent[a], ACTION_OVER)
    fi
  :: state[a] != REQUIRES_ACTION ->
    if
#ifdef BUG_VOID_AT_ONCE
    :: looked[a] = 2
#else
    :: MAY_READ_AT_LEAST(last_sent[a], NOT_FOUND_WAIT) -> looked[a] = 2
#endif
    :: MAY_READ_BELOW(last_sent[a], NOT_FOUND_WAIT) -> looked[a] = 1
    fi
  fi
}

inline settle(a, reply, was_look_up)
{
  if
#ifdef BUG_PAID_TWICE
  :: state[a] == SUCCEEDED && reply == A_SUCCEEDED -> pay()
#endif
  :: FINAL(state[a]) ->
    if
    :: (reply == A_SUCCEEDED || reply == A_MISMATCHED) && state[a] != SUCCEEDED && !orphan[a] && !decided[a] ->
#ifndef BUG_ORPHAN_SILENT
      orphan[a] = true;
#endif
      assert(orphan[a])                                    /* money that comes late is put before a person */
    :: else
    fi
  :: state[a] == HELD                                      /* noted for the person */
  :: UNRESOLVED(state[a]) && state[a] != HELD ->
    if
    :: reply == A_SUCCEEDED ->
      happen(a, EV_SUCCEEDED); pay();
      if
      :: canceled -> orphan[a] = true
      :: else
      fi
    :: reply == A_MISMATCHED ->
#ifdef BUG_ANY_AMOUNT
      happen(a, EV_SUCCEEDED); pay();
      assert(object[a] != OTHER_AMOUNT)                    /* a payment of the amount that is due */
#else
      happen(a, EV_MISMATCHED)
#endif
    :: reply == A_DECLINED -> happen(a, EV_DECLINED)
    :: reply == A_ACTION ->
      if
      :: was_look_up && state[a] == REQUIRES_ACTION && MAY_READ_AT_LEAST(last_sent[a], ACTION) ->
        looked_in_vain(a)
      :: !was_look_up || state[a] != REQUIRES_ACTION || MAY_READ_BELOW(last_sent[a], ACTION) ->
        happen(a, EV_ACTION_REQUIRED)
      fi
    :: reply == A_PENDING -> happen(a, EV_PENDING)
    :: reply == A_NOT_FOUND -> looked_in_vain(a)
    :: reply == A_NOT_ATTEMPTED ->
      if
#ifdef BUG_REFUSED_PROVES_ALL
      :: state[a] == OPEN && !was_look_up -> unsure[a] = 0; happen(a, EV_NOT_ATTEMPTED)
#else
      :: state[a] == OPEN && !was_look_up && unsure[a] == 1 -> unsure[a] = 0; happen(a, EV_NOT_ATTEMPTED)
#endif
      :: else -> happen(a, EV_UNKNOWN)
      fi
    :: reply == A_DUPLICATE -> happen(a, EV_DUPLICATE_SUSPECTED)
    :: reply == A_UNKNOWN ->
#ifdef BUG_TIMEOUT_IS_DECLINE
      happen(a, EV_DECLINED)
#else
      happen(a, EV_UNKNOWN)
#endif
    fi
  fi
}

#ifdef BUG_NO_WINDOW
#define INSIDE_WINDOW(a) (unsure[a] < UNSURE_MAX)
#else
#define INSIDE_WINDOW(a) (unsure[a] < UNSURE_MAX && MAY_READ_BELOW(first_sent[a], RESEND_WINDOW))
#endif
#define TELLS_NO_END(reply) (reply == A_NOT_FOUND || reply == A_ACTION || reply == A_PENDING)
#define UNCERTAIN(s) ((s) == OPEN || (s) == UNKNOWN)

/* -- workers: look_after ------------------------------------------------------------------- */

/* What a call tells of attempt a's object now. */
inline told(a, reply)
{
  if
  :: object[a] == CAPTURED || object[a] == CONFIRMED || object[a] == COLLECTED -> reply = A_SUCCEEDED
  :: object[a] == OTHER_AMOUNT -> reply = A_MISMATCHED
  :: object[a] == REFUSED -> reply = A_DECLINED
  :: object[a] == WAITING -> reply = A_ACTION
  :: object[a] == PROCESSING -> reply = A_PENDING
  fi
}

/* What a look-up tells; for LAG ticks it may still show what was before. */
inline look_up(a, reply)
{
  if
  :: object[a] == NOTHING || object_age[a] < LAG ->
    if
    :: object[a] == CONFIRMED -> reply = A_ACTION
    :: object[a] == COLLECTED -> reply = A_PENDING
    :: else -> reply = A_NOT_FOUND
    fi
  :: object[a] != NOTHING -> told(a, reply)
  :: reply = A_UNKNOWN                                     /* or refused: settled alike */
  fi
}

/* Nothing that this worker remembers matters any more. */
inline forget()
{
  a = 0; todo = CHARGE; reply = A_UNKNOWN; stale[me] = true; read_at[me] = SEND_DELAY + 1
}

/* The decision about the latest attempt, while it is unresolved: `resolution`. */
inline resolve(a, todo)
{
  if
#ifdef LOOK_UPS
  :: state[a] != HELD -> todo = DO_LOOK_UP
  :: state[a] != HELD && last_sent[a] == OLD -> todo = DO_HOLD              /* looks_exhausted */
  :: UNCERTAIN(state[a]) && looked[a] == 2 -> todo = DO_VOID             /* not_found_after_wait */
  :: UNCERTAIN(state[a]) && looked[a] == 1 && INSIDE_WINDOW(a) -> todo = DO_RESEND
  :: state[a] == REQUIRES_ACTION && looked[a] == 2 -> todo = DO_END_ACTION  /* not_confirmed_in_time */
#else
#ifdef KEYS
  :: UNCERTAIN(state[a]) && INSIDE_WINDOW(a) -> todo = DO_RESEND
#endif
#ifdef BUG_GUESS
  :: UNCERTAIN(state[a]) -> todo = DO_VOID
#endif
  :: state[a] != HELD -> todo = DO_HOLD                                     /* cannot_be_found_out */
#endif
  :: state[a] == OPEN && unsure[a] == 0 -> todo = DO_RESEND                 /* never_sent */
  :: state[a] == OPEN && unsure[a] == 0 -> todo = DO_VOID         /* never_sent_and_not_wanted */
  :: state[a] == REQUIRES_ACTION -> todo = DO_CANCEL                        /* card_changed, license_canceled */
  fi
}

/* What the decision writes. */
inline apply(a, todo)
{
  if
  :: todo == CHARGE ->
    assert(!ANY_UNRESOLVED);                               /* one unresolved attempt per license */
    if
    :: a == attempts -> attempts++
    :: else                                                /* only with BUG_NO_GUARD */
    fi;
    state[a] = OPEN; unsure[a] = 1; looked[a] = 0;
    first_sent[a] = read_at[me]; last_sent[a] = read_at[me];
#ifdef BUG_NO_WAKE
    wake = false;
#endif
  :: todo == DO_RESEND ->
    assert(UNRESOLVED(state[a]));
    looked[a] = 0; unsure[a]++;
#ifndef BUG_RESEND_UNRECORDED
    last_sent[a] = read_at[me]
#endif
  :: todo == DO_CANCEL                                      /* called_off_at is put on file */
  :: todo == DO_VOID -> happen(a, EV_NEVER_HAPPENED)
  :: todo == DO_END_ACTION -> happen(a, EV_ACTION_ENDED)
  :: todo == DO_HOLD -> happen(a, EV_GAVE_UP)
  fi;
  committed()
}

#ifdef BUG_NO_GUARD
#define GUARDS_FAIL(me) false
#define AT_ONCE(todo) false
#else
#define GUARDS_FAIL(me) stale[me]
#define AT_ONCE(todo) (todo == DO_VOID || todo == DO_END_ACTION || todo == DO_HOLD)
#endif
#ifdef BUG_NO_BLOCK
#define MAY_CHARGE (attempts < ATTEMPTS && !paid && !canceled)
#else
#define MAY_CHARGE (attempts < ATTEMPTS && !paid && !canceled && !ANY_UNRESOLVED)
#endif

proctype worker(byte me)
{
  byte a = 0;
  mtype:step todo = CHARGE;
  mtype:answer reply = A_UNKNOWN;

idle:
  atomic { /* the dossier is loaded, the clock is read, the decision is made */
    wake && (MAY_CHARGE || (ANY_UNRESOLVED && state[attempts - 1] != HELD)) ->
    stale[me] = false; read_at[me] = 0;
    if
    :: MAY_CHARGE -> a = attempts; todo = CHARGE
    :: ANY_UNRESOLVED -> a = attempts - 1; resolve(a, todo)
    fi;
    if
    :: todo == DO_LOOK_UP ->
      look_up(a, reply); stale[me] = true;
      if
      :: TELLS_NO_END(reply)
      :: else -> read_at[me] = SEND_DELAY + 1
      fi;
      goto settling
    :: AT_ONCE(todo) -> apply(a, todo); forget(); goto idle
    :: else
    fi
  };
#ifdef BUG_SEND_BEFORE_COMMIT
  atomic {
    if
    :: todo == CHARGE && a < ATTEMPTS -> in_flight[a] = in_flight[a] | 1
    :: else
    fi
  };
#endif
  atomic { /* the commit, guarded by the version of all that was read */
    if
    :: GUARDS_FAIL(me) -> forget(); goto idle
    :: !GUARDS_FAIL(me) -> apply(a, todo)
    :: forget(); goto idle                                 /* crash */
    fi;
    if
    :: todo == CHARGE || todo == DO_RESEND
    :: todo == DO_CANCEL -> goto call_off
    :: else -> forget(); goto idle
    fi
  };
  atomic { /* the send */
    if
#ifdef BUG_NO_SEND_CHECK
    :: in_flight[a] = in_flight[a] | 1
#else
    :: read_at[me] > SEND_DELAY -> reply = A_NOT_ATTEMPTED; goto settling  /* held up */
    :: read_at[me] <= SEND_DELAY -> in_flight[a] = in_flight[a] | (1 << read_at[me])
#endif
#ifdef BUG_NEW_KEY
    :: todo == DO_RESEND -> object[a] = NOTHING; in_flight[a] = in_flight[a] | 1
#endif
    :: reply = A_DUPLICATE; read_at[me] = SEND_DELAY + 1; goto settling      /* taken for a repeat */
    :: reply = A_NOT_ATTEMPTED; read_at[me] = SEND_DELAY + 1; goto settling  /* refused at the door */
    :: forget(); goto idle                                 /* crash */
    fi;
#ifdef BUG_LIVE_PRICE
    if
    :: todo == DO_RESEND -> wrong_amount[a] = true          /* the price was changed meanwhile */
    :: true
    fi;
#endif
    read_at[me] = SEND_DELAY + 1
  };
  atomic {
    if
    :: object[a] != NOTHING -> told(a, reply)
    :: reply = A_UNKNOWN                                  /* none, a broken one, a server's error */
    :: forget(); goto idle                                 /* crash */
    fi;
    goto settling
  };

call_off:
  atomic {
    if
    :: object[a] == WAITING -> object[a] = REFUSED; object_age[a] = 0; reply = A_DECLINED
    :: object[a] != NOTHING && object[a] != WAITING -> told(a, reply)
    :: reply = A_UNKNOWN
    fi
  };

settling:
  atomic { /* read again if need be, settled, and committed under guard */
    if
    :: true ->
      if
#ifndef BUG_OLD_ANSWER
      :: todo == DO_LOOK_UP && TELLS_NO_END(reply) && read_at[me] > SEND_DELAY -> reply = A_UNKNOWN
#endif
      :: else
      fi;
      if
      :: a < attempts -> settle(a, reply, (todo == DO_LOOK_UP || todo == DO_CANCEL))
      :: else                                              /* only with BUG_SEND_BEFORE_COMMIT */
      fi;
      wake = true;
      committed()
    :: true                                                /* crash */
    fi;
    forget()
  };
  goto idle
}

/* -- the processor, and the network before it ---------------------------------------------- */

/* A key that is remembered is not charged again; after its retention it may be forgotten. */
#ifdef KEYS
#define TAKES_EFFECT(a) (object[a] == NOTHING || key_age[a] >= RETENTION)
#else
#define TAKES_EFFECT(a) true
#endif
#define LATER(a) (object[a] == WAITING || object[a] == PROCESSING)

inline take_effect(a)
{
#ifndef KEYS
  in_flight[a] = 0;                                        /* without keys, the network at least must not repeat */
#endif
  object_age[a] = 0; key_age[a] = 0;
  if
  :: object[a] = CAPTURED; capture(a)
  :: object[a] = OTHER_AMOUNT; capture(a)
  :: object[a] == NOTHING -> object[a] = REFUSED
  :: object[a] == NOTHING -> object[a] = WAITING
  :: object[a] == NOTHING -> object[a] = PROCESSING
  fi
}

inline later(a)
{
  if
  :: object[a] == WAITING && object_age[a] <= ACTION -> object[a] = CONFIRMED; capture(a)
  :: object[a] == PROCESSING -> object[a] = COLLECTED; capture(a)
  :: object[a] = REFUSED
  fi;
  object_age[a] = 0
}

proctype gateway()
{
  byte a;
  do
  :: atomic { /* a request takes effect; it stays in flight, for it may arrive twice */
      in_flight[0] != 0 && TAKES_EFFECT(0) -> a = 0; take_effect(a); a = 0
    }
#if ATTEMPTS > 1
  :: atomic { in_flight[1] != 0 && TAKES_EFFECT(1) -> a = 1; take_effect(a); a = 0 }
#endif
#if ATTEMPTS > 2
  :: atomic { in_flight[2] != 0 && TAKES_EFFECT(2) -> a = 2; take_effect(a); a = 0 }
#endif
  :: atomic { LATER(0) -> a = 0; later(a); a = 0 }
#if ATTEMPTS > 1
  :: atomic { LATER(1) -> a = 1; later(a); a = 0 }
#endif
#if ATTEMPTS > 2
  :: atomic { LATER(2) -> a = 2; later(a); a = 0 }
#endif
  od
}

/* -- time ---------------------------------------------------------------------------------- */

#if WORKERS > 1
#define NONE_MAY_SEND (read_at[0] > SEND_DELAY && read_at[1] > SEND_DELAY)
#else
#define NONE_MAY_SEND (read_at[0] > SEND_DELAY)
#endif
#define OLDER(age, most) age = (age < (most) -> age + 1 : (most))
#ifdef LATE
#define AGED(requests) (requests | ((requests << 1) & 2))  /* requests live for ever */
#else
#define AGED(requests) ((requests << 1) & ((1 << (LIFE + 1)) - 1))
#endif

inline grow_older(a)
{
  if
  :: a < attempts ->
    in_flight[a] = AGED(in_flight[a]);
    OLDER(first_sent[a], WINDOW_OVER);
    if
    :: object[a] != NOTHING -> OLDER(key_age[a], RETENTION)
    :: else
    fi;
    if
    :: object_age[a] >= LAG && (object[a] == CONFIRMED || object[a] == COLLECTED) -> object[a] = CAPTURED
    :: else
    fi;
#ifndef BUG_NO_SEND_CHECK
    if /* no request of it is under way, and no worker may send one: its ages tell nothing any more */
    :: FINAL(state[a]) && in_flight[a] == 0 && NONE_MAY_SEND -> key_age[a] = RETENTION; object_age[a] = LAG + ACTION
    :: else
    fi;
#endif
    OLDER(last_sent[a], OLD);
    OLDER(object_age[a], LAG + ACTION)
  :: else
  fi
}

proctype clock()
{
  do
  :: d_step {
      OLDER(read_at[0], SEND_DELAY + 1);
#if WORKERS > 1
      OLDER(read_at[1], SEND_DELAY + 1);
#endif
      grow_older(0);
#if ATTEMPTS > 1
      grow_older(1);
#endif
#if ATTEMPTS > 2
      grow_older(2)
#endif
    }
  od
}

/* -- people -------------------------------------------------------------------------------- */

proctype owner()
{
  do
  :: atomic { committed() }                                /* a card, a plan, an extension, billing information */
#ifdef CANCELS
  :: atomic { !canceled -> canceled = true; wake = true; committed() }
#endif
  od
}

/* Decides by the processor's books, when no request can be under way any more. */
inline decide_held(a)
{
  if
  :: captures[a] > 0 && !paid -> happen(a, EV_ADOPTED); pay(); decided[a] = true
  :: captures[a] > 0 -> captures[a] = 0; happen(a, EV_NEVER_HAPPENED); decided[a] = true
  :: captures[a] == 0 && in_flight[a] == 0 && !LATER(a) -> happen(a, EV_NEVER_HAPPENED); decided[a] = true
  fi;
  committed()
}

inline decide_orphan(a)
{
  assert(!decided[a]);                                     /* one decision */
  decided[a] = true;
  if
  :: state[a] != SUCCEEDED && !paid && !ANY_UNRESOLVED -> pay()
  :: captures[a] > 0 -> captures[a]--
  :: state[a] == SUCCEEDED
  fi;
  committed()
}

#define HELD_AND_CLEAR(a) (a < attempts && state[a] == HELD \
                           && (captures[a] > 0 || (in_flight[a] == 0 && !LATER(a) && last_sent[a] > LIFE)))

proctype person()
{
  do
  :: atomic { HELD_AND_CLEAR(0) -> decide_held(0) }
  :: atomic { orphan[0] && !decided[0] -> decide_orphan(0) }
#if ATTEMPTS > 1
  :: atomic { HELD_AND_CLEAR(1) -> decide_held(1) }
  :: atomic { orphan[1] && !decided[1] -> decide_orphan(1) }
#endif
#if ATTEMPTS > 2
  :: atomic { HELD_AND_CLEAR(2) -> decide_held(2) }
  :: atomic { orphan[2] && !decided[2] -> decide_orphan(2) }
#endif
  od
}

init
{
  atomic {
    object[0] = NOTHING;
#if ATTEMPTS > 1
    object[1] = NOTHING;
#endif
#if ATTEMPTS > 2
    object[2] = NOTHING;
#endif
    run worker(0);
#if WORKERS > 1
    run worker(1);
#endif
    run gateway(); run clock(); run owner(); run person()
  }
}
