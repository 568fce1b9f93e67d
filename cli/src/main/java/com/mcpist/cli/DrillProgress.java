package com.mcpist.cli;

import com.mcpist.drill.GameDay.Observer;
import com.mcpist.drill.Report;
import java.util.function.Consumer;

/** Shows how a game day goes: a line for each fault, the last one moving. */
record DrillProgress(Progress progress, Consumer<Report> reports) implements Observer {
  @Override
  public void says(String line) {
    progress.line(line);
  }

  @Override
  public void begins(String step) {
    progress.step(step);
  }

  @Override
  public void isAt(String detail) {
    progress.detail(detail);
  }

  @Override
  public void found(Report report) {
    reports.accept(report);
  }
}
