package com.mcpist.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WrapTest {
  @Test
  void linesAreBrokenAtBlanksOnly() {
    assertThat(Wrap.lines("such as ghcr.io/me/notes:main, with --dry-run", 20))
        .containsExactly("such as", "ghcr.io/me/notes:main,", "with --dry-run");
    assertThat(Wrap.lines("", 20)).containsExactly("");
  }

  @Test
  void aCommandIsNotBroken() {
    assertThat(Wrap.lines("there (`mcpist keys list`, `x) is", 18))
        .containsExactly("there", "(`mcpist keys list`,", "`x) is");
  }

  @Test
  void aParagraphIndentsWhatGoesOn() {
    String text = "word ".repeat(20).strip();
    assertThat(Wrap.paragraph(text, 4))
        .isEqualTo("word ".repeat(15).strip() + "\n    " + "word ".repeat(5).strip() + "\n");
  }
}
