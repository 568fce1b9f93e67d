package com.mcpist.e2e.security;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** A part of the table. */
abstract class AttackTable {
  final List<Attack> all = new ArrayList<>();

  final void add(
      String wall,
      String name,
      Set<Target> against,
      Set<Integer> statuses,
      Function<Stage, String> request) {
    all.add(new Attack(wall, name, against, request, statuses));
  }
}
