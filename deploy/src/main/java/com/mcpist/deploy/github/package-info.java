/** The secrets of a repository on GitHub, which is where a deployment's secrets are at home. */
@NullMarked
package com.mcpist.deploy.github;

import org.jspecify.annotations.NullMarked;
