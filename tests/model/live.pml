/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The live count: how tables come, die and go while several callers edit
 * disjoint ranges. A model of lib/pg_table/pt_common.h and of what uses it,
 * which spin checks in every interleaving of its steps.
 *
 *	model			code
 *	get, put		pt_get(), pt_put()
 *	note_unlink		pg_table_gather_unlink()
 *	map: plan		pt_map_plan(), pt_map_claim()
 *	map: link_*		pt_link_table(), pt_map_merge()
 *	unmap			pt_edit_commit(), pt_uncount_removed(), pt_unlink()
 *	finish			pg_table_gather_flush(), pg_table_ops.free
 *	flush of map		pg_table_flush_unlinked()
 *	section			rcu_read_lock(), rcu_read_unlock()
 *	cpu			a CPU that caches walks when it likes to
 *
 * The root, which is never freed, has one slot for a middle table; that has one
 * slot for a last table; that has an entry for each caller. So all callers share
 * all tables, which is the worst case. There are few tables, so that they are
 * reused soon. Without the CPU (NO_WALKS) there is room for more callers.
 *
 * Memory is sequentially consistent here. What others decide by is changed by
 * fully ordered read-modify-writes alone, so it is on weaker CPUs, too.
 */
#ifndef CALLERS
#define CALLERS	2
#endif
#ifndef ROUNDS
#define ROUNDS	2
#endif
#define TABLES	(2 * CALLERS + 2)
#define NONE	TABLES

byte root = NONE;			/* the root's slot */
byte slot[TABLES];			/* a middle table's slot */
byte live[TABLES];			/* entries in use; 0 is dead */
bool used[TABLES];			/* from allocation until it can be reused */
bool entry[TABLES * CALLERS];		/* what a last table maps, by caller */
byte section[CALLERS];			/* odd in a section under RCU */
byte unlinking;				/* pg_table_desc.unlinking */
byte walk_middle = NONE;		/* walks that the CPU has cached */
byte walk_last = NONE;
byte done;

inline new_table(t, count)
{
	atomic {
		t = 0;
		do
		:: t < TABLES && used[t] -> t++
		:: else -> break
		od;
		assert(t < TABLES);
		used[t] = true;
		live[t] = count;
		slot[t] = NONE;
		n = 0;
		do
		:: n < CALLERS -> entry[t * CALLERS + n] = false; n++
		:: else -> n = 0; break
		od
	}
}

/* Back to the allocator, from which nobody had it. */
inline recycle(t)
{
	atomic { used[t] = false; t = NONE }
}

/* Counts one entry more, unless the table is dead. */
inline get(t)
{
	atomic {
		assert(used[t]);
		ok = live[t] > 0;
		if
		:: ok -> live[t]++
		:: else
		fi
	}
}

inline note_unlink()
{
	atomic {
		if
		:: !unlinks -> unlinks = true; unlinking++
		:: else
		fi
	}
}

/* Counts one entry less. Who may kill the table says so before. */
inline put(t)
{
	atomic {
		assert(used[t] && live[t] > 0);
		ok = live[t] > 1;
		dead = false;
		if
		:: ok -> live[t]--
		:: else
		fi
	}
	if
	:: !ok ->
		note_unlink();
		atomic { live[t]--; dead = live[t] == 0 }
	:: else
	fi
}

/* Takes back an entry that was counted ahead: others keep the table alive. */
inline uncount(t)
{
	atomic { live[t]--; assert(live[t] > 0) }
}

inline cas(where, from, to)
{
	atomic {
		ok = where == from;
		if
		:: ok -> where = to
		:: else
		fi
	}
}

/* Link new_l in the middle table m, where its entry is counted. */
inline link_last()
{
	do
	:: old = slot[m];
		if
		:: old != NONE ->
			get(old);
			if
			:: ok ->
				uncount(m);
				entry[old * CALLERS + me] = true;
				recycle(new_l);
				break
			:: else -> note_unlink()
			fi
		:: else
		fi;
		cas(slot[m], old, new_l);
		if
		:: ok && old != NONE -> uncount(m); break
		:: ok && old == NONE -> break
		:: else
		fi
	od
}

/* Link new_m, with new_l below it, in the root. */
inline link_middle()
{
	do
	:: old = root;
		if
		:: old != NONE ->
			get(old);
			if
			:: ok ->
				m = old;
				link_last();
				recycle(new_m);
				break
			:: else -> note_unlink()
			fi
		:: else
		fi;
		cas(root, old, new_m);
		if
		:: ok -> break
		:: else
		fi
	od
}

/* Whatever way the CPU takes to the caller's entry, it finds it so. */
inline access(expected)
{
	atomic {
		assert(walk_last == NONE ||
		       (used[walk_last] &&
			entry[walk_last * CALLERS + me] == expected));
		m = walk_middle;
		assert(m == NONE || used[m]);
		if
		:: m != NONE ->
			assert(slot[m] != NONE || !expected);
			assert(slot[m] == NONE ||
			       entry[slot[m] * CALLERS + me] == expected)
		:: else
		fi;
		m = root;
		assert(m != NONE || !expected);
		if
		:: m != NONE ->
			assert(slot[m] != NONE || !expected);
			assert(slot[m] == NONE ||
			       entry[slot[m] * CALLERS + me] == expected)
		:: else
		fi
	}
}

inline flush()
{
	atomic { walk_middle = NONE; walk_last = NONE }
}

/* Free what was killed after a flush, and when nobody can look at it. */
inline finish()
{
	if
	:: unlinks || kill_l != NONE ->
		flush();
		atomic {
			if
			:: unlinks -> unlinks = false; unlinking--
			:: else
			fi
		}
	:: else
	fi;
	if
	:: kill_l != NONE ->
		atomic {
			n = 0;
			do
			:: n < CALLERS -> seen[n] = section[n]; n++
			:: else -> break
			od;
			n = 0
		}
		do
		:: n < CALLERS ->
			(!(seen[n] % 2) || section[n] != seen[n]);
			n++
		:: else -> break
		od;
		atomic {
			n = 0;
			assert(walk_last != kill_l && walk_middle != kill_l);
			used[kill_l] = false;
			kill_l = NONE;
			if
			:: kill_m != NONE ->
				assert(walk_middle != kill_m);
				used[kill_m] = false;
				kill_m = NONE
			:: else
			fi
		}
	:: else
	fi
}

/* What a step has left in its variables makes no two states differ. */
inline forget()
{
	d_step { m = NONE; l = NONE; old = NONE; ok = false; dead = false }
}

proctype caller(byte me)
{
	byte m, l, old, n, rounds;
	byte new_m = NONE, new_l = NONE;
	byte kill_m = NONE, kill_l = NONE;
	byte seen[CALLERS];
	bool ok, dead, unlinks, mapped;

	do
	:: rounds < ROUNDS ->
		/* map */
		mapped = false;
		do
		:: mapped -> break
		:: else ->
			section[me]++;
			m = root;
			l = NONE;
			if
			:: m != NONE && live[m] > 0 -> l = slot[m]
			:: else -> m = NONE
			fi;
			if
			:: m == NONE ->
				new_table(new_l, 1);
				entry[new_l * CALLERS + me] = true;
				new_table(new_m, 1);
				slot[new_m] = new_l;
				link_middle();
				mapped = true
			:: m != NONE && (l == NONE || live[l] == 0) ->
				new_table(new_l, 1);
				entry[new_l * CALLERS + me] = true;
				get(m);
				if
				:: ok -> link_last(); mapped = true
				:: else -> recycle(new_l)
				fi
			:: else ->
				get(l);
				if
				:: ok ->
					entry[l * CALLERS + me] = true;
					mapped = true
				:: else
				fi
			fi;
			new_l = NONE;
			new_m = NONE;
			section[me]++
		od;
		finish();
		if
		:: unlinking -> flush()
		:: else
		fi;
		access(true);
		forget();

		/* unmap */
		section[me]++;
		m = root;
		l = slot[m];
		assert(entry[l * CALLERS + me]);
		entry[l * CALLERS + me] = false;
		put(l);
		if
		:: dead ->
			kill_l = l;
			cas(slot[m], l, NONE);
			if
			:: ok ->
				put(m);
				if
				:: dead ->
					kill_m = m;
					cas(root, m, NONE)
				:: else
				fi
			:: else
			fi
		:: else
		fi;
		section[me]++;
		/* The entry itself is to be flushed in any case. */
		flush();
		finish();
		access(false);
		forget();
		rounds++
	:: else -> break
	od;
	done++
}

proctype cpu()
{
	do
	:: atomic { done < CALLERS && root != NONE -> walk_middle = root }
	:: atomic { walk_middle != NONE && slot[walk_middle] != NONE ->
			walk_last = slot[walk_middle] }
	:: atomic { done == CALLERS -> break }
	od
}

init {
	byte i = 0;

	atomic {
		do
		:: i < CALLERS -> run caller(i); i++
		:: else -> break
		od;
#ifndef NO_WALKS
		run cpu()
#endif
	}
	done == CALLERS;
	assert(root == NONE && !unlinking);
	i = 0;
	do
	:: i < TABLES -> assert(!used[i]); i++
	:: else -> break
	od
}
