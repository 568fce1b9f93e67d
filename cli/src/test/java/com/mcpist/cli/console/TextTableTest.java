package com.mcpist.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class TextTableTest {
  private record Row(String name, String said, int count) {}

  private static TextTable<Row> table(Row... rows) {
    return new TextTable<>(List.of(rows))
        .column("NAME", Row::name)
        .text("SAID", Row::said)
        .number("COUNT", Row::count);
  }

  @Test
  void whatFitsHasALineForEachItem() {
    assertThat(table(new Row("one", "it is well", 7), new Row("three", "-", 1234)).render())
        .isEqualTo(
            """
            NAME   SAID        COUNT
            one    it is well      7
            three  -            1234
            """);
  }

  @Test
  void aTextThatIsTooLongIsBrokenAtBlanksAndNoValueIs() {
    String said =
        "deploy it again: `mcpist deploy --image ghcr.io/me/notes:1.4` does, " + "x ".repeat(20);
    String text = table(new Row("koyeb-primary", said, 1)).render();

    assertThat(text.lines()).hasSizeGreaterThan(2).allMatch(line -> line.length() <= 80);
    assertThat(text).contains("`mcpist deploy --image ghcr.io/me/notes:1.4` does,");
    assertThat(text.lines().skip(2)).allMatch(line -> line.startsWith(" ".repeat(15)));
  }

  @Test
  void whereValuesAloneAreTooWideEachHasALine() {
    String name = "n".repeat(70);
    assertThat(table(new Row(name, "it is well", 7), new Row("b", "", 1)).render())
        .isEqualTo(
            """
            NAME   %s
            SAID   it is well
            COUNT  7

            NAME   b
            COUNT  1
            """
                .formatted(name));
  }

  @Test
  void aColourChangesNoWidth() {
    Terminal terminal = new Terminal(true, true, true);
    Function<String, String> said = text -> text;
    String text =
        new TextTable<>(List.of("healthy", "-"))
            .column("STATE", said, terminal::green)
            .text("", said)
            .render();

    assertThat(text)
        .isEqualTo(
            """
            STATE
            \u001b[32mhealthy\u001b[0m  healthy
            \u001b[32m-      \u001b[0m  -
            """);
  }
}
