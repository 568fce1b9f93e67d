package com.mcpist.origin;

import com.mcpist.module.Module;
import com.mcpist.module.Tool;
import com.mcpist.origin.db.ClassPlace;
import com.mcpist.origin.mcp.McpEndpoint;
import com.mcpist.origin.memory.MemoryModule;
import java.io.IOException;
import java.net.URL;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The modules that this origin serves, in the order in which clients see them. */
final class Modules {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,31}");

  private Modules() {}

  /** A module with which the origin does not start. The message names it, its jar and the cause. */
  static final class BadModuleException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private BadModuleException(String message, Throwable failure) {
      super(message, failure);
    }

    private static BadModuleException of(Class<?> module, Throwable failure) {
      return new BadModuleException(
          "the module " + place(module) + ": " + told(cause(failure)), failure);
    }

    private static Throwable cause(Throwable failure) {
      @Nullable Throwable cause = failure.getCause();
      return cause == null ? failure : cause(cause);
    }
  }

  /** What a failure says, in one line. */
  static String told(Throwable failure) {
    String message = failure.getMessage();
    // What an error says is often no more than the name of a class.
    String told = failure instanceof Error || message == null ? failure.toString() : message;
    return told.lines().findFirst().orElse(told);
  }

  /**
   * The memory, and what jars of the class path name as services, by their names, so that all
   * origins have them in one order. Throws BadModuleException.
   */
  static List<Module> all(ClassLoader loader, OriginConfig.ModuleSettings settings) {
    Module memory = new MemoryModule(InstantSource.system());
    Map<String, Module> found = new TreeMap<>();
    try {
      ServiceLoader.load(Module.class, loader).stream()
          .map(provider -> started(provider, settings))
          .forEach(
              module -> {
                Module other = found.put(module.name(), module);
                if (other != null || module.name().equals(memory.name())) {
                  throw BadModuleException.of(
                      module.getClass(),
                      new IllegalStateException(
                          "another one has the name "
                              + module.name()
                              + (other == null ? "" : ", " + place(other.getClass()))));
                }
              });
    } catch (ServiceConfigurationError e) {
      throw new BadModuleException(told(e), e);
    }
    List<Module> all = new ArrayList<>(List.of(memory));
    all.addAll(found.values());
    return List.copyOf(all);
  }

  private static Module started(
      ServiceLoader.Provider<Module> provider, OriginConfig.ModuleSettings settings) {
    try {
      checkOnce(provider.type());
      Module module = provider.get();
      String name = module.name();
      if (!NAME.matcher(name).matches() || name.equals("mcpist")) {
        throw new IllegalArgumentException(
            "its name must be of a-z, 0-9 and _, 32 characters at most: " + name);
      }
      module.start(settings.of(name));
      McpEndpoint.check(module);
      for (Tool tool : module.tools()) {
        if (!tool.name().startsWith(name + "_")) {
          throw new IllegalArgumentException(
              "the name of its tool " + tool.name() + " must begin with " + name + "_");
        }
      }
      return module;
    } catch (Exception | LinkageError | ServiceConfigurationError e) {
      throw BadModuleException.of(provider.type(), e);
    }
  }

  /** Of two jars with one class nobody knows which is used. */
  private static void checkOnce(Class<?> type) throws IOException {
    List<URL> places =
        Collections.list(
            type.getClassLoader().getResources(type.getName().replace('.', '/') + ".class"));
    if (places.size() > 1) {
      throw new IllegalStateException("there are several, of which one must go: " + places);
    }
  }

  private static String place(Class<?> type) {
    return type.getName() + " of " + ClassPlace.of(type);
  }
}
