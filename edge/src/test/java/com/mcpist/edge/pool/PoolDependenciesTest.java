package com.mcpist.edge.pool;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;

/** Tests that the decision knows the JDK only, and none of its clocks, threads and sockets. */
@AnalyzeClasses(packages = "com.mcpist.edge.pool", importOptions = DoNotIncludeTests.class)
class PoolDependenciesTest {
  @ArchTest
  static final ArchRule JDK_ONLY =
      classes()
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(
                      "com.mcpist.edge.pool",
                      "java.lang..",
                      "java.time",
                      "java.util",
                      "java.util.function",
                      "java.util.stream",
                      "org.jspecify.annotations")
                  .or(type(URI.class)));

  @ArchTest
  static final ArchRule NO_CLOCK =
      noClasses()
          .should()
          .callMethod(Instant.class, "now")
          .orShould()
          .accessClassesThat()
          .areAssignableTo(Clock.class);
}
