package com.mcpist.deploy.edgeclient;

import com.mcpist.deploy.time.Deadline;

/** Whatever chooses the origin, as its operator asks it and tells it. */
public interface EdgeControl {
  EdgeStatus status(Deadline deadline) throws EdgeException, InterruptedException;

  /**
   * Sends an origin no new calls.
   *
   * @throws EdgeException refused, where no healthy origin would be left
   */
  EdgeStatus drain(String origin, Deadline deadline) throws EdgeException, InterruptedException;

  /**
   * Sends an origin calls again, once it is healthy.
   *
   * @param deadline until when it may be waited for, where it is to be healthy before
   */
  EdgeStatus undrain(String origin, Deadline deadline) throws EdgeException, InterruptedException;
}
