package com.mcpist.cli;

import com.mcpist.deploy.config.Durations;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Durations as in mcpist.yml. */
final class DurationConverter implements ITypeConverter<Duration> {
  @Override
  public Duration convert(String text) {
    return Durations.parse(text)
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "must be a duration such as 500ms, 30s, 5m or 1h, not \"" + text + "\""));
  }
}
