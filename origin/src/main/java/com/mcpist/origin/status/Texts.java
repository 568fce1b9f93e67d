package com.mcpist.origin.status;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the page says, in one language: en.properties, ja.properties. */
final class Texts {
  private static final Pattern PLACE = Pattern.compile("\\{([0-9])}");
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private final Language language;
  private final Properties texts;

  enum Language {
    EN,
    JA;

    String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private Texts(Language language, Properties texts) {
    this.language = language;
    this.texts = texts;
  }

  static Texts of(Language language) {
    return switch (language) {
      case EN -> Loaded.EN;
      case JA -> Loaded.JA;
    };
  }

  /** Read once, at the first page. */
  private static final class Loaded {
    static final Texts EN = load(Language.EN);
    static final Texts JA = load(Language.JA);

    private static Texts load(Language language) {
      Properties texts = new Properties();
      try (InputStream file =
          Objects.requireNonNull(
              Texts.class.getResourceAsStream(language.code() + ".properties"))) {
        texts.load(new InputStreamReader(file, StandardCharsets.UTF_8));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return new Texts(language, texts);
    }
  }

  String language() {
    return language.code();
  }

  Set<String> keys() {
    return texts.stringPropertyNames();
  }

  /** The text of a key, with the values in the places {0}, {1} and so on. */
  Html of(String key, Object... values) {
    String text = Objects.requireNonNull(texts.getProperty(key), key);
    return new Html(
        PLACE
            .matcher(Html.escaped(text))
            .replaceAll(
                place ->
                    Matcher.quoteReplacement(
                        Html.escaped(values[Integer.parseInt(place.group(1))]))));
  }

  /** The text of a word among others, or the word where it is not known here. */
  Html word(String of, String word) {
    String key = of + "." + word;
    return texts.containsKey(key) ? of(key) : Html.of("%s", word);
  }

  /** One of a list of descriptions. */
  Html fact(String key, Html value) {
    return Html.of("<div><dt>%s</dt><dd>%s</dd></div>", of(key), value);
  }

  /** The page's script says it anew, in the reader's zone. */
  Html time(Instant instant) {
    Instant second = instant.truncatedTo(ChronoUnit.SECONDS);
    return Html.of("<time datetime=\"%s\">%s</time>", second, TIME.format(second));
  }

  Html duration(Duration time) {
    if (time.compareTo(Duration.ofMinutes(1)) < 0) {
      return of("duration.seconds", decimal(time.toMillis() / 1000.0));
    } else if (time.compareTo(Duration.ofHours(1)) < 0) {
      return of("duration.minutes", time.toMinutes(), time.toSecondsPart());
    } else if (time.compareTo(Duration.ofDays(1)) < 0) {
      return of("duration.hours", time.toHours(), time.toMinutesPart());
    }
    return of("duration.days", time.toDays(), time.toHoursPart());
  }

  /** With one digit after the point. */
  static String decimal(double number) {
    return BigDecimal.valueOf(number).setScale(1, RoundingMode.HALF_UP).toPlainString();
  }
}
