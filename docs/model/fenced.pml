/*
 * One renewal invoice at a fenced gateway: prepare, commit the id, confirm, close before a decline counts.
 *
 * There is no clock here. Workers may sleep for any time between two lines, and requests live for ever:
 * what holds, holds without any assumption about time. README.md tells the rest.
 */
#include "attempt.pml"

#ifndef ATTEMPTS
#define ATTEMPTS 2
#endif
#define WORKERS 2
#define CONFIRMS_MAX 2        /* confirmations that may have gone out; more only repeat them */
#define OBJECTS 2             /* what was prepared for one attempt: a lost answer leaves one behind */
#define NONE 9                /* no id on file */

mtype:object = { NOTHING, READY, CAPTURED, OTHER_AMOUNT, TURNED_DOWN, WAITING, PROCESSING, CLOSED }

/* -- on file ------------------------------------------------------------------------------- */
byte attempts = 0;
mtype:state state[ATTEMPTS];
byte unsure[ATTEMPTS];        /* sends less those that surely did nothing */
bool looked[ATTEMPTS];        /* the processor said that it was not confirmed yet */
bool declined[ATTEMPTS];      /* the latest answer was a decline */
byte ref[ATTEMPTS];           /* the processor's id of what was prepared */
bool orphan[ATTEMPTS];
byte paid = 0;

/* -- the processor ------------------------------------------------------------------------- */
mtype:object object[ATTEMPTS * OBJECTS];
bool confirm[ATTEMPTS * OBJECTS];      /* a request to confirm it was sent; it may arrive at any time, again and again */
byte captures[ATTEMPTS];

#if ATTEMPTS == 1
#define ALL_CAPTURES captures[0]
#elif ATTEMPTS == 2
#define ALL_CAPTURES (captures[0] + captures[1])
#else
#define ALL_CAPTURES (captures[0] + captures[1] + captures[2])
#endif
#define FIRST(a) ((a) * OBJECTS)
#define LATEST (attempts - 1)
#define UNCERTAIN(s) ((s) == OPEN || (s) == UNKNOWN)
#define IN_DOUBT (attempts > 0 && UNRESOLVED(state[LATEST]))

inline capture(a)
{
  captures[a]++;
  assert(ALL_CAPTURES <= 1);                               /* charged once */
  assert(state[a] != DECLINED && state[a] != VOID)         /* no money behind a closed attempt */
}

inline happen(a, e)
{
  move(state[a], e);
  if
  :: FINAL(state[a]) ->
    assert(state[a] == SUCCEEDED || captures[a] == 0);     /* nothing charged is lost */
    unsure[a] = 0; looked[a] = false; declined[a] = false; ref[a] = NONE
  :: else
  fi
}

inline pay()
{
  paid++;
  assert(paid <= 1)
}

/* -- settling: `_settle_fenced`, `settle_prepared`, and what is the same at any gateway ----- */

inline settle(a, o, reply, todo)
{
  if
  :: FINAL(state[a]) ->
    if
    :: (reply == A_SUCCEEDED || reply == A_MISMATCHED) && state[a] != SUCCEEDED -> orphan[a] = true
    :: else
    fi
  :: state[a] == HELD
  :: UNRESOLVED(state[a]) && state[a] != HELD ->
    if
    :: reply == A_PREPARED ->
      if
      :: ref[a] == NONE -> ref[a] = o; unsure[a] = 0
      :: else                                              /* nobody will ever confirm this one */
      fi
    :: reply != A_PREPARED && ref[a] == NONE && reply != A_SUCCEEDED && reply != A_DECLINED -> unsure[a] = 0
    :: reply == A_SUCCEEDED -> happen(a, EV_SUCCEEDED); pay()
    :: reply == A_MISMATCHED && ref[a] != NONE -> happen(a, EV_MISMATCHED)
    :: reply == A_CLOSED ->
      if
      :: state[a] == OPEN && unsure[a] == 0 -> happen(a, EV_NEVER_HAPPENED)
      :: else -> happen(a, EV_DECLINED)
      fi
    :: reply == A_DECLINED ->
#ifdef BUG_NO_FENCE
      happen(a, EV_DECLINED)
#else
      if
      :: ref[a] == NONE -> happen(a, EV_DECLINED)          /* nothing was prepared: a call that was not sent to anything */
      :: else -> happen(a, EV_TURNED_DOWN); declined[a] = true
      fi
#endif
    :: reply == A_ACTION && ref[a] != NONE -> happen(a, EV_ACTION_REQUIRED)
    :: reply == A_PENDING && ref[a] != NONE -> happen(a, EV_PENDING)
    :: reply == A_NOT_FOUND && ref[a] != NONE -> looked[a] = true
    :: reply == A_DUPLICATE && ref[a] != NONE -> happen(a, EV_DUPLICATE_SUSPECTED)
    :: reply == A_NOT_ATTEMPTED && ref[a] != NONE ->
      if
      :: state[a] == OPEN && todo != DO_LOOK_UP && unsure[a] == 1 -> unsure[a] = 0; happen(a, EV_NOT_ATTEMPTED)
      :: else -> happen(a, EV_UNKNOWN)
      fi
    :: reply == A_UNKNOWN && ref[a] != NONE -> happen(a, EV_UNKNOWN)
    fi
  fi
}

/* -- workers ------------------------------------------------------------------------------- */

/* What a confirmation, or a look at the object, tells now. */
inline told(o, reply)
{
  if
  :: object[o] == READY -> reply = A_NOT_FOUND
  :: object[o] == CAPTURED -> reply = A_SUCCEEDED
  :: object[o] == OTHER_AMOUNT -> reply = A_MISMATCHED
  :: object[o] == TURNED_DOWN -> reply = A_DECLINED
  :: object[o] == CLOSED -> reply = A_DECLINED
  :: object[o] == WAITING -> reply = A_ACTION
  :: object[o] == PROCESSING -> reply = A_PENDING
  fi
}

inline decide(a, todo)
{
  if
  :: !IN_DOUBT -> a = attempts; todo = CHARGE
  :: IN_DOUBT ->
    a = LATEST;
    if
    :: ref[a] == NONE && state[a] != HELD -> todo = DO_RESEND                       /* not_prepared */
    :: ref[a] == NONE && UNCERTAIN(state[a]) -> todo = DO_VOID                      /* never_prepared_and_not_wanted */
    :: ref[a] != NONE && state[a] != HELD -> todo = DO_CANCEL                       /* declined_not_closed, or unwanted */
    :: ref[a] != NONE && state[a] != HELD && !declined[a] -> todo = DO_LOOK_UP
    :: ref[a] != NONE && UNCERTAIN(state[a]) && !declined[a] && (unsure[a] == 0 && state[a] == OPEN
       || looked[a] && unsure[a] < CONFIRMS_MAX) -> todo = DO_CONFIRM               /* prepared, not_confirmed_yet */
    :: ref[a] != NONE && state[a] != HELD && unsure[a] > 0 -> todo = DO_HOLD        /* looks_exhausted */
#ifdef BUG_ANOTHER_OBJECT
    :: ref[a] != NONE && UNCERTAIN(state[a]) -> ref[a] = NONE; todo = DO_RESEND
#endif
#ifdef BUG_VOID_UNCLOSED
    :: ref[a] != NONE && UNCERTAIN(state[a]) -> todo = DO_VOID
#endif
    fi
  fi
}

inline apply(a, todo)
{
  if
  :: todo == CHARGE -> attempts++; state[a] = OPEN; unsure[a] = 1; ref[a] = NONE
  :: todo == DO_RESEND -> unsure[a] = 1                    /* to prepare is a send that does nothing */
  :: todo == DO_CONFIRM -> unsure[a]++; looked[a] = false
  :: todo == DO_VOID -> happen(a, EV_NEVER_HAPPENED)
  :: todo == DO_HOLD -> happen(a, EV_GAVE_UP)
  :: todo == DO_CANCEL || todo == DO_LOOK_UP
  fi
}

proctype worker()
{
  byte a = 0;
  byte o = 0;
  mtype:step todo = CHARGE;
  mtype:answer reply = A_UNKNOWN;

end_idle:
  atomic { /* read, decided, and committed under guard */
    !paid && (IN_DOUBT && state[LATEST] != HELD || !IN_DOUBT && attempts < ATTEMPTS) ->
    decide(a, todo); apply(a, todo);
    if
    :: todo == DO_VOID || todo == DO_HOLD -> a = 0; todo = CHARGE; goto end_idle
    :: todo != DO_VOID && todo != DO_HOLD -> o = (ref[a] == NONE -> 0 : ref[a])
    fi
  };
  atomic { /* the call */
    if
    :: (todo == CHARGE || todo == DO_RESEND) ->
      if
      :: object[FIRST(a)] == NOTHING -> o = FIRST(a); object[o] = READY; reply = A_PREPARED
      :: object[FIRST(a)] != NOTHING && object[FIRST(a) + 1] == NOTHING ->
        o = FIRST(a) + 1; object[o] = READY; reply = A_PREPARED        /* the key was forgotten */
      :: object[FIRST(a)] != NOTHING -> o = FIRST(a); reply = A_PREPARED
      :: object[FIRST(a)] == NOTHING -> object[FIRST(a)] = READY; reply = A_UNKNOWN
      :: reply = A_NOT_ATTEMPTED
      fi
#ifdef BUG_CONFIRM_BEFORE_COMMIT
      ;
      if
      :: reply == A_PREPARED -> confirm[o] = true
      :: else
      fi
#endif
    :: todo == DO_CONFIRM ->
      if
      :: confirm[o] = true; goto waiting
      :: reply = A_NOT_ATTEMPTED
      :: reply = A_DUPLICATE
      fi
    :: todo == DO_LOOK_UP ->
      if
      :: told(o, reply)
      :: reply = A_UNKNOWN
      fi
    :: todo == DO_CANCEL ->
      if
      :: object[o] == CAPTURED || object[o] == OTHER_AMOUNT || object[o] == PROCESSING -> told(o, reply)
      :: object[o] != CAPTURED && object[o] != OTHER_AMOUNT && object[o] != PROCESSING ->
        object[o] = CLOSED; reply = A_CLOSED
      :: reply = A_UNKNOWN
      fi
    :: a = 0; o = 0; todo = CHARGE; goto end_idle              /* crash */
    fi;
    goto settling
  };

waiting:
  atomic {
    if
    :: object[o] != READY -> told(o, reply)
    :: reply = A_UNKNOWN
    :: a = 0; o = 0; todo = CHARGE; goto end_idle              /* crash */
    fi
  };

settling:
  atomic {
    if
    :: settle(a, o, reply, todo)
    :: true                                                /* crash */
    fi;
    a = 0; o = 0; todo = CHARGE; reply = A_UNKNOWN
  };
  goto end_idle
}

/* -- the processor, and a person ----------------------------------------------------------- */

inline serve(a, o)
{
  if
  :: confirm[o] && (object[o] == READY || object[o] == TURNED_DOWN) ->
    if
    :: object[o] = CAPTURED; capture(a)
    :: object[o] = OTHER_AMOUNT; capture(a)
    :: object[o] = TURNED_DOWN
    :: object[o] = WAITING
    :: object[o] = PROCESSING
    fi
  :: object[o] == WAITING || object[o] == PROCESSING ->
    if
    :: object[o] = CAPTURED; capture(a)
    :: object[o] = TURNED_DOWN
    fi
  fi
}

#define SERVED(o) (confirm[o] && (object[o] == READY || object[o] == TURNED_DOWN) \
                   || object[o] == WAITING || object[o] == PROCESSING)

proctype gateway()
{
end_served:
  do
  :: atomic { SERVED(0) -> serve(0, 0) }
  :: atomic { SERVED(1) -> serve(0, 1) }
#if ATTEMPTS > 1
  :: atomic { SERVED(2) -> serve(1, 2) }
  :: atomic { SERVED(3) -> serve(1, 3) }
#endif
#if ATTEMPTS > 2
  :: atomic { SERVED(4) -> serve(2, 4) }
  :: atomic { SERVED(5) -> serve(2, 5) }
#endif
  od
}

/* Looks at the processor; closes what is to be void, or gives the money back. */
proctype person()
{
end_decided:
  do
  :: atomic { attempts > 0 && state[LATEST] == HELD ->
      if
      :: captures[LATEST] > 0 -> happen(LATEST, EV_ADOPTED); pay()
      :: captures[LATEST] > 0 -> captures[LATEST] = 0; happen(LATEST, EV_NEVER_HAPPENED)
      :: captures[LATEST] == 0 && object[ref[LATEST]] != PROCESSING ->
        object[ref[LATEST]] = CLOSED; happen(LATEST, EV_NEVER_HAPPENED)
      :: captures[LATEST] == 0 && object[ref[LATEST]] == PROCESSING
      fi
    }
  od
}

init
{
  atomic {
    object[0] = NOTHING; object[1] = NOTHING;
#if ATTEMPTS > 1
    object[2] = NOTHING; object[3] = NOTHING;
#endif
#if ATTEMPTS > 2
    object[4] = NOTHING; object[5] = NOTHING;
#endif
    run worker(); run worker(); run gateway(); run person()
  }
}
