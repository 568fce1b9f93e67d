/** Whether a deployment has all that it needs, and what to do about what it lacks. */
@NullMarked
package com.mcpist.deploy.doctor;

import org.jspecify.annotations.NullMarked;
