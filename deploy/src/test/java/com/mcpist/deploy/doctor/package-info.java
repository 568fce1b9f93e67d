@NullMarked
package com.mcpist.deploy.doctor;

import org.jspecify.annotations.NullMarked;
