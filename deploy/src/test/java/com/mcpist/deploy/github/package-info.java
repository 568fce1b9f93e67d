@NullMarked
package com.mcpist.deploy.github;

import org.jspecify.annotations.NullMarked;
