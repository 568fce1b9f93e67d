package com.mcpist.e2e;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/**
 * The arrows of docs/design/processes.md: processes agree on what passes between them, not on
 * classes.
 */
@AnalyzeClasses(packages = "com.mcpist", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  @ArchTest static final ArchRule originKnowsOnlyItself = only("origin");

  @ArchTest static final ArchRule edgeKnowsOnlyItself = only("edge");

  @ArchTest static final ArchRule deployKnowsOnlyItself = only("deploy");

  @ArchTest
  static final ArchRule pairStartsProcessesAndImportsNone =
      noClasses()
          .that()
          .resideInAPackage("com.mcpist.pair..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("com.mcpist.origin..", "com.mcpist.edge..", "com.mcpist.cli..");

  @ArchTest
  static final ArchRule theDrillBreaksProcessesAndImportsNone =
      noClasses()
          .that()
          .resideInAPackage("com.mcpist.drill..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("com.mcpist.origin..", "com.mcpist.edge..", "com.mcpist.cli..");

  @ArchTest
  static final ArchRule onlyTheCommandLineKnowsTheDrill =
      noClasses()
          .that()
          .resideOutsideOfPackages("com.mcpist.drill..", "com.mcpist.cli..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.mcpist.drill..");

  @ArchTest
  static final ArchRule commandLineStartsProcessesAndImportsNone =
      noClasses()
          .that()
          .resideInAPackage("com.mcpist.cli..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("com.mcpist.origin..", "com.mcpist.edge..");

  @ArchTest
  static final ArchRule theTestKitIsNoProductCode =
      noClasses()
          .that()
          .resideOutsideOfPackage("com.mcpist.testkit..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.mcpist.testkit..");

  @ArchTest
  static final ArchRule theDecisionIsPure =
      classes()
          .that()
          .resideInAPackage("com.mcpist.edge.pool..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("com.mcpist.edge.pool..", "java..", "org.jspecify..");

  @ArchTest
  static final ArchRule theDecisionHasNoClockThreadOrSocket =
      noClasses()
          .that()
          .resideInAPackage("com.mcpist.edge.pool..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.net..", "java.nio..", "java.io..", "java.util.concurrent..")
          .orShould()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(java.time.Instant.class, "now");

  @ArchTest
  static final ArchRule platformsDoNotKnowEachOther =
      slices().matching("com.mcpist.deploy.platform.(*)..").should().notDependOnEachOther();

  @ArchTest
  static final ArchRule packagesOfAModuleHaveNoCycle =
      slices().matching("com.mcpist.(*).(*)..").should().beFreeOfCycles();

  private static ArchRule only(String module) {
    return noClasses()
        .that()
        .resideInAPackage("com.mcpist." + module + "..")
        .should()
        .dependOnClassesThat(
            com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage("com.mcpist..")
                .and(
                    com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage(
                        "com.mcpist." + module + "..")));
  }
}
