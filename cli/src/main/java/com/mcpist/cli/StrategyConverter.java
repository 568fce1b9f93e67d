package com.mcpist.cli;

import com.mcpist.deploy.config.Spelling;
import com.mcpist.deploy.release.Order.Strategy;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How a release is brought out, as it is written on the command line. */
final class StrategyConverter implements ITypeConverter<Strategy> {
  @Override
  public Strategy convert(String text) {
    List<String> labels = Arrays.stream(Strategy.values()).map(Strategy::label).toList();
    return Arrays.stream(Strategy.values())
        .filter(strategy -> strategy.label().equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "must be one of "
                        + String.join(", ", labels)
                        + ", not \""
                        + text
                        + "\"."
                        + Spelling.hint(text, labels)));
  }
}
