@NullMarked
package com.mcpist.testkit;

import org.jspecify.annotations.NullMarked;
