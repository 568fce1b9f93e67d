@NullMarked
package com.mcpist.deploy;

import org.jspecify.annotations.NullMarked;
