package com.mcpist.cli.setup;

import com.mcpist.cli.Screen;
import com.mcpist.deploy.doctor.Doctor.Diagnosis;
import com.mcpist.deploy.doctor.Doctor.Diagnosis.Grade;
import java.util.List;
import java.util.stream.Collectors;

/** What `doctor` shows. */
public final class SetupScreens {
  private SetupScreens() {}

  public static List<Screen> all() {
    return List.of(
        Screen.of(
            "doctor",
            found().stream()
                .map(one -> DoctorCommand.text(one, Screen.TERMINAL))
                .collect(Collectors.joining())));
  }

  private static List<Diagnosis> found() {
    return List.of(
        new Diagnosis(Grade.GOOD, "mcpist.yml", "describes notes, with 2 origins", ""),
        new Diagnosis(
            Grade.WEAK,
            "who may call",
            "everyone who can sign in to any app of the Supabase project",
            "Let the project put an audience into its tokens, and name it under auth"),
        new Diagnosis(
            Grade.BAD,
            "FLY_API_TOKEN",
            "is not set",
            "`fly tokens create deploy --app notes-me` makes one: set it in GitHub's secrets"));
  }
}
