package com.mcpist.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ScreenTest {
  private static final String LONG =
      "one: a call was cut off (Connection was closed), and the database has not answered for 4"
          + " s\n";

  private final ByteArrayOutputStream shown = new ByteArrayOutputStream();

  @Test
  void onATerminalATextIsDrawnOverTheOneBefore() {
    Screen screen = screen(true);
    screen.draw("a\n" + LONG, true);
    assertThat(taken()).isEqualTo("a\n" + Screen.fitted(LONG));
    screen.draw("a\n" + LONG, true);
    assertThat(taken()).as("the same").isEmpty();
    screen.draw("b\n", false);
    assertThat(taken()).as("up by what the terminal shows").isEqualTo("\r\u001b[3A\u001b[Jb\n");
  }

  @Test
  void withoutATerminalEachChangeIsShownOnce() {
    Screen screen = screen(false);
    screen.draw("a, 1 s ago\n", true);
    screen.draw("a, 2 s ago\n", false);
    screen.draw("b\n" + LONG, true);
    assertThat(taken()).isEqualTo("a, 1 s ago\n\nb\n" + LONG);
  }

  @Test
  void aLineThatIsTooLongIsBrokenBetweenWords() {
    assertThat(Screen.fitted("\n" + "x".repeat(80) + "\n" + LONG))
        .isEqualTo(
            "\n"
                + "x".repeat(80)
                + "\none: a call was cut off (Connection was closed), and the database has not\n"
                + "   answered for 4 s\n");
    assertThat(Screen.fitted("x".repeat(90))).isEqualTo("x".repeat(77) + "\n   xxxxxxxxxxxxx\n");
  }

  @Test
  void aColourTakesNoColumnAndIsKept() {
    String coloured = "\u001b[32mhealthy\u001b[0m  ";
    assertThat(Screen.fitted(coloured + "x".repeat(71)))
        .isEqualTo(coloured + "x".repeat(71) + "\n");
    assertThat(Screen.fitted(coloured + "x".repeat(72)))
        .isEqualTo("\u001b[32mhealthy\u001b[0m\n   " + "x".repeat(72) + "\n");
  }

  private Screen screen(boolean animated) {
    return new Screen(
        new Terminal(animated, false, false), new PrintStream(shown, true, StandardCharsets.UTF_8));
  }

  private String taken() {
    String text = shown.toString(StandardCharsets.UTF_8);
    shown.reset();
    return text;
  }
}
