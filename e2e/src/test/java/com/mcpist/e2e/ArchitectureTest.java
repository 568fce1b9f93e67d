package com.mcpist.e2e;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.net.URI;

/**
 * The arrows of docs/design/processes.md: processes agree on what passes between them, not on
 * classes.
 */
@AnalyzeClasses(packages = "com.mcpist", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  /** An artefact of its own, which origins and modules have in common. */
  private static final String MODULES_API = "com.mcpist.module..";

  private static final String TELEMETRY = "com.mcpist.telemetry..";

  private static final String DATABASE = "com.mcpist.database..";

  @ArchTest static final ArchRule theModulesApiKnowsOnlyItself = only("module");

  @ArchTest static final ArchRule telemetryKnowsOnlyItself = only("telemetry");

  @ArchTest static final ArchRule databaseKnowsOnlyItself = only("database");

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

  /** Where traces are off, it is not even loaded. */
  @ArchTest
  static final ArchRule onlyTracesThatAreOnKnowOpenTelemetry =
      noClasses()
          .that()
          .resideOutsideOfPackage("com.mcpist.testkit..")
          .and()
          .haveNameNotMatching(
              "com\\.mcpist\\.((origin|edge)\\.trace\\.OpenTelemetryTraces|telemetry\\.TraceSdk)(\\$.*)?")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.opentelemetry..");

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
          .dependOnClassesThat(
              resideInAnyPackage("java.net..", "java.nio..", "java.io..", "java.util.concurrent..")
                  .and(not(type(URI.class))))
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
  static final ArchRule theDeploymentPipelineKnowsNoPlatformByName =
      noClasses()
          .that()
          .resideInAPackage("com.mcpist.deploy.release..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.mcpist.deploy.platform.*..");

  @ArchTest
  static final ArchRule packagesOfAModuleHaveNoCycle =
      slices().matching("com.mcpist.(*).(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule packagesOfTheOriginHaveNoCycle =
      slices().matching("com.mcpist.origin.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule filesOfTheOriginHaveNoCycle =
      slices().assignedFrom(new FilesOf("com.mcpist.origin")).should().beFreeOfCycles();

  @ArchTest
  static final ArchRule filesOfTheEdgeHaveNoCycle =
      slices().assignedFrom(new FilesOf("com.mcpist.edge")).should().beFreeOfCycles();

  private record FilesOf(String module) implements SliceAssignment {
    @Override
    public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
      String file = javaClass.getName().replaceFirst("\\$.*", "");
      return file.startsWith(module) ? SliceIdentifier.of(file) : SliceIdentifier.ignore();
    }

    @Override
    public String getDescription() {
      return "files of " + module;
    }
  }

  private static ArchRule only(String module) {
    return noClasses()
        .that()
        .resideInAPackage("com.mcpist." + module + "..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("com.mcpist..")
                .and(
                    resideOutsideOfPackages(
                        "com.mcpist." + module + "..", MODULES_API, TELEMETRY, DATABASE)));
  }
}
